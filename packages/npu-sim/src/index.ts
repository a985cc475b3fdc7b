export { Device } from './device.ts';
export { groupPeers } from './group-peers.ts';
export type { Neighbours } from './group-peers.ts';

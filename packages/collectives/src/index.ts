export { connectWorld } from './connect-world.ts';
export type { World, WorldOptions } from './connect-world.ts';
export { aloneGroup } from './group.ts';
export type { Group } from './group.ts';
export { localGroups } from './local-groups.ts';
export { isRankLostError, RankLostError } from './rank-lost-error.ts';
export { serveRendezvous } from './rendezvous.ts';
export type { Rendezvous, RendezvousAddress, RendezvousOptions, WorldEnd } from './rendezvous.ts';

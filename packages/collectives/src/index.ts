export { aloneGroup } from './group.ts';
export type { Group } from './group.ts';
export { localGroups } from './local-groups.ts';

export { aloneGroup } from './group.ts';
export type { Group } from './group.ts';

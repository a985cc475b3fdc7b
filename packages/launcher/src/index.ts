export { isLaunchError, LaunchError } from './launch-error.ts';
export type { LaunchErrorCode } from './launch-error.ts';
export { spawnRank } from './spawn-rank.ts';
export type { RankCommand, RankExit, RankProcess } from './spawn-rank.ts';

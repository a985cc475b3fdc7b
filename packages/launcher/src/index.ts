export { spawnRank } from './spawn-rank.ts';
export type { RankCommand, RankExit, RankProcess } from './spawn-rank.ts';

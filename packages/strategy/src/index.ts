export type { Inventory, InventoryEntry, InventoryRole } from './inventory.ts';
export { replicated } from './layout.ts';
export type { Layout } from './layout.ts';
export { ALONE, coordinatesOf, rankAt, stageSize, worldSize } from './parallel-spec.ts';
export type { OptimizerShards, ParallelSpec, RankCoordinates } from './parallel-spec.ts';
export { fullShape, isCut, optimizerShards, replicaGroups, sliceOf, sliceShape } from './slice.ts';
export { isStrategyError, StrategyError } from './strategy-error.ts';
export type { StrategyErrorCode, StrategyErrorPlace } from './strategy-error.ts';

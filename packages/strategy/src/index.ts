export type { Inventory, InventoryEntry, InventoryRole } from './inventory.ts';
export { replicated } from './layout.ts';
export type { Layout } from './layout.ts';
export { ALONE, coordinatesOf, rankAt, stageSize, worldSize } from './parallel-spec.ts';
export type { OptimizerShards, ParallelSpec, RankCoordinates } from './parallel-spec.ts';

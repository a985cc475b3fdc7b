export { layoutsOf } from './layouts-of.ts';
export type { LaidOut, StrategyLayouts } from './layouts-of.ts';
export { isMerged, mergeStrategies } from './merge-strategies.ts';
export type { MergedStrategies, StrategySource } from './merge-strategies.ts';
export { readStrategy, strategyFormat, writeStrategy } from './read-strategy.ts';
export { MAX_STRATEGY_BYTES } from './strategy-file.ts';
export type { NamedLayout, OperatorStrategy, StrategyFile, StrategyFormat } from './strategy-file.ts';
export { strategyOf } from './strategy-of.ts';

export { anyGraph, anyInputs } from './any-graph.ts';
export type { GraphAndInputs } from './any-graph.ts';

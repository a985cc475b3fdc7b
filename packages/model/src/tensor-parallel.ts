import type { GraphBuilder, Value } from '@cairn/graph';

/** This rank's place among those that share each layer's weights. */
export interface TensorParallel {
  readonly rank: number;
  /** Ranks that share; 1 = none. */
  readonly size: number;
}

/** The group name of tensor parallelism in collectives. */
export const MODEL_GROUP = 'model';

/** Before a column-cut weight: every rank has the whole value; backward, their gradients are summed. */
export function enter(g: GraphBuilder, x: Value, { size }: TensorParallel): Value {
  return g.collective(x, { kind: 'replicate', reduce: 'sum', axis: 0, group: MODEL_GROUP, size });
}

/** Behind a row-cut weight: every rank has a summand; forward, they are summed. */
export function leave(g: GraphBuilder, x: Value, { size }: TensorParallel): Value {
  return g.collective(x, { kind: 'all-reduce', reduce: 'sum', axis: 0, group: MODEL_GROUP, size });
}

/** The largest of all ranks' values. */
export function largest(g: GraphBuilder, x: Value, { size }: TensorParallel): Value {
  return g.collective(x, { kind: 'all-reduce', reduce: 'max', axis: 0, group: MODEL_GROUP, size });
}

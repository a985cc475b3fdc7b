import type { GraphBuilder, Value } from '@cairn/graph';

/** One rank's place among those that share something. */
export interface RankShare {
  readonly rank: number;
  /** Ranks that share; 1 = none. */
  readonly size: number;
}

/** The share of a rank that has everything. */
export const WHOLE: RankShare = { rank: 0, size: 1 };

/** Name of the group in a program's collectives whose ranks share each layer's weights. */
export const MODEL_GROUP = 'model';
/** Name of the group whose ranks share each row's tokens. */
export const CONTEXT_GROUP = 'context';

/** Before a column-cut weight: every rank has the whole value; backward, their gradients are summed. */
export function enter(g: GraphBuilder, x: Value, { size }: RankShare): Value {
  return g.collective(x, { kind: 'replicate', reduce: 'sum', axis: 0, group: MODEL_GROUP, size });
}

/** Behind a row-cut weight: every rank has a summand; forward, they are summed. */
export function leave(g: GraphBuilder, x: Value, { size }: RankShare): Value {
  return g.collective(x, { kind: 'all-reduce', reduce: 'sum', axis: 0, group: MODEL_GROUP, size });
}

/** The largest of all ranks' values. */
export function largest(g: GraphBuilder, x: Value, { size }: RankShare): Value {
  return g.collective(x, { kind: 'all-reduce', reduce: 'max', axis: 0, group: MODEL_GROUP, size });
}

/** Every rank has its part along an axis and gets all of them; backward, their gradients are summed and parted. */
export function gather(g: GraphBuilder, x: Value, axis: number, group: string, { size }: RankShare): Value {
  return g.collective(x, { kind: 'all-gather', reduce: 'sum', axis, group, size });
}

/** Every rank has a summand and gets its part along an axis of the sum. */
export function scatter(g: GraphBuilder, x: Value, axis: number, group: string, { size }: RankShare): Value {
  return g.collective(x, { kind: 'reduce-scatter', reduce: 'sum', axis, group, size });
}

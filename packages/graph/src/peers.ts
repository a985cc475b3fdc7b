/**
 * The other ranks, as a program needs them. Groups are named as in its collectives; every rank of a group makes the same
 * calls in the same order.
 */
export interface Peers {
  /** Replaces the values by the sum or maximum over the group. */
  allReduce(group: string, values: Float32Array, reduce: 'sum' | 'max'): Promise<void>;
  /** What each rank of the group gives, in rank order. */
  allGather(group: string, values: Float32Array): Promise<readonly Float32Array[]>;
  /** Gives a rank its part, counted in the order of ranks, of the sum over the group. */
  reduceScatter(group: string, values: Float32Array, into: Float32Array): Promise<void>;
  /** Gives values to the same place of another stage. They may be changed afterwards, taken or not. */
  send(values: Float32Array, toStage: number): Promise<void>;
  /** Waits for what the same place of another stage sends. */
  receive(into: Float32Array, fromStage: number): Promise<void>;
}

/**
 * Ranks that talk to each other. Every rank of a group makes the same calls in the same order; reductions are done in
 * rank order, so that a rerun gives the same bits. A call fails when a peer is lost or does not answer in time.
 */
export interface Group {
  /** This rank within the group, 0-based. */
  readonly rank: number;
  readonly size: number;
  /** Replaces the values by the sum or maximum over all ranks. */
  allReduce(values: Float32Array, reduce: 'sum' | 'max'): Promise<void>;
  /** What each rank contributes, in rank order. Lengths may differ. */
  allGather(bytes: Uint8Array): Promise<readonly Uint8Array[]>;
  /** The bytes of rank `from`; other ranks' are ignored. */
  broadcast(bytes: Uint8Array, from: number): Promise<Uint8Array>;
  send(bytes: Uint8Array, to: number): Promise<void>;
  /** Waits for what rank `from` sends; it must have the length of `into`. */
  receive(into: Uint8Array, from: number): Promise<void>;
  /** Returns when all ranks have called it. */
  barrier(): Promise<void>;
}

/** The group of a rank that is alone. */
export function aloneGroup(): Group {
  const nobody = (): never => {
    throw new RangeError('a group of one has no other rank to send to or receive from');
  };
  return {
    rank: 0,
    size: 1,
    allReduce: () => Promise.resolve(),
    allGather: (bytes) => Promise.resolve([bytes]),
    broadcast: (bytes) => Promise.resolve(bytes),
    send: nobody,
    receive: nobody,
    barrier: () => Promise.resolve(),
  };
}

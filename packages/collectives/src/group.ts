/**
 * Ranks that talk to each other. Every rank of a group makes the same calls in the same order; reductions are done in
 * rank order, so that a rerun gives the same bits. A call fails when a peer is lost or does not answer in time.
 */
export interface Group {
  /** This rank within the group, 0-based. */
  readonly rank: number;
  /** Ranks in the group. */
  readonly size: number;
  /** Replaces the values by the sum or maximum over all ranks. */
  allReduce(values: Float32Array, reduce: 'sum' | 'max'): Promise<void>;
  /** What each rank contributes, in rank order. Lengths may differ; a rank's own part may be the very array it gave. */
  allGather(bytes: Uint8Array): Promise<readonly Uint8Array[]>;
  /** The bytes of rank `from`; other ranks' are ignored. On rank `from` it may be the very array it gave. */
  broadcast(bytes: Uint8Array, from: number): Promise<Uint8Array>;
  /** Gives bytes to rank `to`, which must receive them; they may be reused afterwards. */
  send(bytes: Uint8Array, to: number): Promise<void>;
  /** Waits for what rank `from` sends; it must have the length of `into`. */
  receive(into: Uint8Array, from: number): Promise<void>;
  /** Returns when all ranks have called it. */
  barrier(): Promise<void>;
}

/**
 * The group of a rank that is alone: reductions and barriers are done at once, what is gathered or broadcast is what
 * was given.
 *
 * Its `send`, `receive` and a `broadcast` from another rank fail with a RangeError: there is nobody.
 */
export function aloneGroup(): Group {
  const nobody = async (): Promise<never> => {
    throw new RangeError('a group of one has no other rank to send to or receive from');
  };
  return {
    rank: 0,
    size: 1,
    allReduce: () => Promise.resolve(),
    allGather: (bytes) => Promise.resolve([bytes]),
    broadcast: (bytes, from) => (from === 0 ? Promise.resolve(bytes) : nobody()),
    send: nobody,
    receive: nobody,
    barrier: () => Promise.resolve(),
  };
}

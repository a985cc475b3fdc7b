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
  /**
   * Part `rank` of the sum over all ranks: `values` holds `size` parts as long as `into`, which takes this rank's.
   * The values themselves are left as they are.
   */
  reduceScatter(values: Float32Array, into: Float32Array): Promise<void>;
  /** What each rank contributes, in rank order. Lengths may differ; a rank's own part may be the very array it gave. */
  allGather(bytes: Uint8Array): Promise<readonly Uint8Array[]>;
  /** The bytes of rank `from`; other ranks' are ignored. On rank `from` it may be the very array it gave. */
  broadcast(bytes: Uint8Array, from: number): Promise<Uint8Array>;
  /**
   * Gives bytes to rank `to`, which must receive them. Returns when they are copied, which waits for nobody: they may be
   * reused, and the messages to a rank arrive in their order.
   */
  send(bytes: Uint8Array, to: number): Promise<void>;
  /** Waits for what rank `from` sends; it must have the length of `into`. */
  receive(into: Uint8Array, from: number): Promise<void>;
  /** Returns when all ranks have called it. */
  barrier(): Promise<void>;
  /**
   * Some ranks of this group as a group of their own. All of them make the same calls in the same order; the others make
   * none.
   *
   * @param name  what it is for; groups of different names do not hear each other
   * @param ranks ranks of this group, in the order they have there
   * @throws RangeError when this rank is not among them, or one is no rank of this group or stands there twice
   */
  subgroup(name: string, ranks: readonly number[]): Group;
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
    reduceScatter: async (values, into) => {
      checkParts(values, into, 1);
      into.set(values);
    },
    allGather: (bytes) => Promise.resolve([bytes]),
    broadcast: (bytes, from) => (from === 0 ? Promise.resolve(bytes) : nobody()),
    send: nobody,
    receive: nobody,
    barrier: () => Promise.resolve(),
    subgroup: (_name, ranks) => {
      checkMembers(ranks, { rank: 0, size: 1 });
      return aloneGroup();
    },
  };
}

/** @throws RangeError */
export function checkParts(values: Float32Array, into: Float32Array, size: number): void {
  if (values.length === size * into.length) return;
  throw new RangeError(`reduceScatter: ${values.length} values are not ${size} parts of ${into.length}`);
}

/** @throws RangeError */
export function checkMembers(ranks: readonly number[], { rank, size }: Pick<Group, 'rank' | 'size'>): void {
  const told = `subgroup of the ranks ${ranks.join(', ')}`;
  if (!ranks.includes(rank)) throw new RangeError(`${told}: rank ${rank} calls, but is not among them`);
  if (new Set(ranks).size !== ranks.length) throw new RangeError(`${told}: one of them stands there twice`);
  const stranger = ranks.find((each) => !Number.isInteger(each) || each < 0 || each >= size);
  if (stranger !== undefined) throw new RangeError(`${told}: the group has the ranks 0 to ${size - 1}`);
}

/** A message that has come. Its bytes may lie in the memory of the sender until they are released. */
export interface Arrival {
  readonly bytes: number;
  /** Copies `into.length` of its bytes, from byte `at` on. */
  read(into: Uint8Array, at: number): void;
  /** Gives the bytes back to the sender. To be called once, when nothing is read any more. */
  release(): void;
}

/** A part of some bytes for a rank. */
export interface Parcel {
  /** Rank of the world. */
  readonly to: number;
  readonly beginByte: number;
  readonly endByte: number;
}

/** Ordered messages between the ranks of a world; what groups are made of. */
export interface Mesh {
  readonly rank: number;
  readonly size: number;
  /** Copies the bytes and sends parts of them; waits for nobody. */
  post(channel: string, bytes: Uint8Array, parcels: readonly Parcel[]): void;
  /** The next message of a rank on a channel. Rejected with a RankLostError when it cannot come any more. */
  take(channel: string, from: number): Promise<Arrival>;
}

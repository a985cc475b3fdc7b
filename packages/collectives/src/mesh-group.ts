import { checkMembers, checkParts } from './group.ts';
import type { Group } from './group.ts';
import type { Arrival, Mesh, Parcel } from './mesh.ts';

/** Up to so many bytes every rank reduces everything itself: one message is quicker than two. */
const SMALL_BYTES = 16 * 1024;

/** Bytes that are reduced at a time, so that they stay in the cache. */
const CHUNK_BYTES = 256 * 1024;

/** Some ranks of a mesh as a group. */
export class MeshGroup implements Group {
  readonly rank: number;
  readonly size: number;
  readonly #mesh: Mesh;
  readonly #members: readonly number[];
  readonly #name: string;
  readonly #made = new Map<string, number>();
  #chunk = new Float32Array(0);
  /** Calls are done one after another, so that their messages are not mixed up. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param members ranks of the mesh, this one among them
   * @param name    the same on all of them, and of no other group
   */
  constructor(mesh: Mesh, members: readonly number[], name: string) {
    this.rank = members.indexOf(mesh.rank);
    this.size = members.length;
    this.#mesh = mesh;
    this.#members = members;
    this.#name = name;
  }

  allReduce(values: Float32Array, reduce: 'sum' | 'max'): Promise<void> {
    return this.#inTurn(async () => {
      if (values.byteLength <= SMALL_BYTES) {
        this.#post(values, () => [0, values.byteLength]);
        return this.#reduce(await this.#takeAll(values.byteLength), values.slice(), values, reduce);
      }
      const [begin, end] = share(values.length, this.rank, this.size);
      const own = values.subarray(begin, end);
      this.#post(values, (rank) => bytesOf(share(values.length, rank, this.size)));
      this.#reduce(await this.#takeAll(own.byteLength), own.slice(), own, reduce);
      this.#post(own, () => [0, own.byteLength]);
      const others = await this.#takeAll((rank) => bytesLong(share(values.length, rank, this.size)));
      for (const [rank, arrival] of others.entries()) {
        if (arrival !== null) readWhole(arrival, values.subarray(...share(values.length, rank, this.size)));
      }
    });
  }

  reduceScatter(values: Float32Array, into: Float32Array): Promise<void> {
    return this.#inTurn(async () => {
      checkParts(values, into, this.size);
      const part = (rank: number): [number, number] => [rank * into.length, (rank + 1) * into.length];
      this.#post(values, (rank) => bytesOf(part(rank)));
      this.#reduce(await this.#takeAll(into.byteLength), values.subarray(...part(this.rank)), into, 'sum');
    });
  }

  allGather(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#inTurn(async () => {
      this.#post(bytes, () => [0, bytes.length]);
      const arrivals = await this.#takeAll(null);
      return arrivals.map((arrival) => (arrival === null ? bytes : readNew(arrival)));
    });
  }

  broadcast(bytes: Uint8Array, from: number): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      const sender = this.#member(from);
      if (from !== this.rank) return readNew(await this.#mesh.take(this.#name, sender));
      this.#post(bytes, () => [0, bytes.length]);
      return bytes;
    });
  }

  async send(bytes: Uint8Array, to: number): Promise<void> {
    const parcel = { to: this.#member(to), beginByte: 0, endByte: bytes.length };
    if (to === this.rank) throw new RangeError(`rank ${to} sends to itself`);
    this.#mesh.post(`${this.#name} direct`, bytes, [parcel]);
  }

  async receive(into: Uint8Array, from: number): Promise<void> {
    const sender = this.#member(from);
    if (from === this.rank) throw new RangeError(`rank ${from} receives from itself`);
    const arrival = await this.#mesh.take(`${this.#name} direct`, sender);
    this.#expect(arrival, into.length, from);
    readWhole(arrival, into);
  }

  async barrier(): Promise<void> {
    await this.allGather(new Uint8Array(0));
  }

  subgroup(name: string, ranks: readonly number[]): Group {
    checkMembers(ranks, this);
    const own = `${this.#name}/${name}[${ranks.join()}]`;
    const made = this.#made.get(own) ?? 0;
    this.#made.set(own, made + 1);
    const members = ranks.map((rank) => this.#member(rank));
    return new MeshGroup(this.#mesh, members, made === 0 ? own : `${own}#${made}`);
  }

  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(call);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Rank of the mesh. */
  #member(rank: number): number {
    const member = this.#members[rank];
    if (member !== undefined) return member;
    throw new RangeError(`rank ${rank}: the group has the ranks 0 to ${this.size - 1}`);
  }

  /** Sends each other rank the bytes meant for it. */
  #post(values: ArrayBufferView, rangeOf: (rank: number) => readonly [number, number]): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const parcels = this.#members.flatMap((to, rank): Parcel[] => {
      const [beginByte, endByte] = rangeOf(rank);
      return rank === this.rank ? [] : [{ to, beginByte, endByte }];
    });
    if (parcels.length > 0) this.#mesh.post(this.#name, bytes, parcels);
  }

  /** What the other ranks send, in rank order; null for this rank. */
  async #takeAll(bytes: number | ((rank: number) => number) | null): Promise<readonly (Arrival | null)[]> {
    const arrivals = await Promise.all(
      this.#members.map((from, rank) =>
        rank === this.rank ? Promise.resolve(null) : this.#mesh.take(this.#name, from),
      ),
    );
    for (const [rank, arrival] of arrivals.entries()) {
      const expected = typeof bytes === 'function' ? bytes(rank) : bytes;
      if (arrival !== null && expected !== null) this.#expect(arrival, expected, rank);
    }
    return arrivals;
  }

  #expect(arrival: Arrival, bytes: number, from: number): void {
    if (arrival.bytes === bytes) return;
    arrival.release();
    throw new RangeError(`${this.#name}: rank ${from} gave ${arrival.bytes} bytes, rank ${this.rank} takes ${bytes}`);
  }

  /**
   * Reduces in rank order.
   *
   * @param own  this rank's values
   * @param into where the result goes; its length is that of all
   */
  #reduce(arrivals: readonly (Arrival | null)[], own: Float32Array, into: Float32Array, reduce: 'sum' | 'max'): void {
    const combine = reduce === 'sum' ? add : keepLarger;
    const step = Math.min(into.length, CHUNK_BYTES / Float32Array.BYTES_PER_ELEMENT);
    if (this.#chunk.length < step) this.#chunk = new Float32Array(step);
    for (let begin = 0; begin < into.length; begin += step) {
      const target = into.subarray(begin, begin + step);
      const read = this.#chunk.subarray(0, target.length);
      for (const [rank, arrival] of arrivals.entries()) {
        const part = arrival === null ? own.subarray(begin, begin + target.length) : read;
        arrival?.read(new Uint8Array(read.buffer, 0, read.byteLength), begin * Float32Array.BYTES_PER_ELEMENT);
        if (rank === 0) target.set(part);
        else combine(target, part);
      }
    }
    for (const arrival of arrivals) arrival?.release();
  }
}

/** The values of which one rank makes the result: [begin, end). */
function share(length: number, rank: number, size: number): [number, number] {
  return [Math.floor((length * rank) / size), Math.floor((length * (rank + 1)) / size)];
}

function bytesOf([begin, end]: readonly [number, number]): [number, number] {
  return [begin * Float32Array.BYTES_PER_ELEMENT, end * Float32Array.BYTES_PER_ELEMENT];
}

function bytesLong([begin, end]: readonly [number, number]): number {
  return (end - begin) * Float32Array.BYTES_PER_ELEMENT;
}

function readNew(arrival: Arrival): Uint8Array {
  const bytes = new Uint8Array(arrival.bytes);
  readWhole(arrival, bytes);
  return bytes;
}

function readWhole(arrival: Arrival, into: Uint8Array | Float32Array): void {
  arrival.read(new Uint8Array(into.buffer, into.byteOffset, into.byteLength), 0);
  arrival.release();
}

function add(sum: Float32Array, part: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + part[i]!;
}

function keepLarger(largest: Float32Array, part: Float32Array): void {
  for (let i = 0; i < largest.length; i++) largest[i] = Math.max(largest[i]!, part[i]!);
}

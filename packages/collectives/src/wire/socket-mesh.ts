import fs from 'node:fs';
import { Mailboxes } from '../mailboxes.ts';
import type { Arrival, Mesh, Parcel } from '../mesh.ts';
import { isRankLostError, RankLostError } from '../rank-lost-error.ts';
import type { Frame } from './frame.ts';
import type { SharedFile, SharedFileName } from './shared-file.ts';
import { readPeerFile } from './shared-file.ts';
import { causeOf, plainBytes, plainValue, TALK, tell } from './talk.ts';
import type { Cause } from './talk.ts';
import type { Wire } from './wire.ts';

/** Messages of fewer bytes go through the connection: the detour costs more than the second copy. */
const INLINE_BYTES = 16 * 1024;

/** Another rank. */
interface Peer {
  readonly wire: Wire;
  /** Its shared file; null when this rank cannot read it. */
  file: number | null;
  /** Whether it reads this rank's shared file. */
  readsShared: boolean;
  hasLeft: boolean;
}

/** Messages between ranks that are processes: large ones through shared memory where there is some. */
export class SocketMesh implements Mesh {
  readonly rank: number;
  readonly size: number;
  readonly #shared: SharedFile | null;
  readonly #mailboxes: Mailboxes;
  readonly #deadlineMs: number;
  readonly #peers = new Map<number, Peer>();
  #failure: unknown = null;

  constructor(
    { rank, size, deadlineMs }: { rank: number; size: number; deadlineMs: number },
    shared: SharedFile | null,
  ) {
    this.rank = rank;
    this.size = size;
    this.#shared = shared;
    this.#mailboxes = new Mailboxes((late) => this.lose(late));
    this.#deadlineMs = deadlineMs;
  }

  /** How peers find this rank's shared file; null when there is none. */
  get sharedName(): SharedFileName | null {
    return this.#shared?.name ?? null;
  }

  /** Takes over the connection to a rank. */
  attach(rank: number, wire: Wire): void {
    const peer: Peer = { wire, file: null, readsShared: false, hasLeft: false };
    this.#peers.set(rank, peer);
    wire.trust();
    wire.onFrame = (frame) => this.#receive(rank, peer, frame);
    wire.onEnd = (why) => {
      if (!peer.hasLeft) this.lose(new RankLostError(rank, why));
    };
  }

  /** Takes plain data that came before its connection was attached. */
  deliver(from: number, bytes: Uint8Array): void {
    this.#mailboxes.deliver(TALK, from, inlineArrival(bytes));
  }

  hasPeer(rank: number): boolean {
    return this.#peers.has(rank);
  }

  /** Tells a peer plain data. */
  say(rank: number, value: unknown): void {
    const peer = this.#peers.get(rank);
    if (peer !== undefined) tell(peer.wire, value);
  }

  /** The next plain data that a peer says, or will say once it is connected. */
  async hear(rank: number): Promise<Readonly<Record<string, unknown>>> {
    const arrival = await this.#mailboxes.take(TALK, rank, Infinity);
    const bytes = new Uint8Array(arrival.bytes);
    arrival.read(bytes, 0);
    return plainValue(bytes) ?? {};
  }

  /** A peer's file that this rank has opened; null when it cannot. */
  readFrom(rank: number, file: number | null): void {
    const peer = this.#peers.get(rank);
    if (peer !== undefined) peer.file = file;
    else if (file !== null) fs.closeSync(file);
  }

  /** A peer has opened this rank's file. */
  isReadBy(rank: number): void {
    const peer = this.#peers.get(rank);
    if (peer !== undefined) peer.readsShared = true;
  }

  post(channel: string, bytes: Uint8Array, parcels: readonly Parcel[]): void {
    const isShared = ({ to, beginByte, endByte }: Parcel): boolean =>
      endByte - beginByte >= INLINE_BYTES && this.#peers.get(to)?.readsShared === true;
    const shared = this.#postShared(channel, bytes, parcels.filter(isShared));
    for (const parcel of parcels) {
      if (shared && isShared(parcel)) continue;
      const { to, beginByte, endByte } = parcel;
      this.#peers.get(to)?.wire.send({ type: 'inline', channel, bytes: bytes.slice(beginByte, endByte) });
    }
  }

  take(channel: string, from: number): Promise<Arrival> {
    return this.#mailboxes.take(channel, from, this.#deadlineMs);
  }

  /** The world has come to an end: whatever is waited for fails. The first reason counts. */
  lose(failure: unknown): void {
    this.#failure ??= failure;
    this.#mailboxes.fail(failure);
  }

  /**
   * Why this rank leaves; null when it is simply done.
   *
   * @param because what ended this rank early, if anything did
   */
  cause(because: string | null): Cause | null {
    const failure = this.#failure;
    if (isRankLostError(failure)) return { rank: failure.rank, why: failure.why };
    if (failure instanceof Error) return { rank: this.rank, why: failure.message };
    return because === null ? null : { rank: this.rank, why: because };
  }

  /** Leaves the world; peers that wait for this rank fail with the cause. */
  async close(cause: Cause | null): Promise<void> {
    this.#mailboxes.fail(new RankLostError(this.rank, 'it has left the group itself'));
    const closed = [...this.#peers.values()].map(({ wire }) => {
      wire.send({ type: 'leave', bytes: plainBytes({ cause }) });
      return wire.close(cause !== null);
    });
    await Promise.all(closed);
    for (const { file } of this.#peers.values()) if (file !== null) fs.closeSync(file);
    this.#peers.clear();
    this.#shared?.close();
  }

  /** One copy for all who read it. @returns whether there was room */
  #postShared(channel: string, bytes: Uint8Array, parcels: readonly Parcel[]): boolean {
    if (parcels.length === 0 || this.#shared === null) return false;
    const from = Math.min(...parcels.map(({ beginByte }) => beginByte));
    const to = Math.max(...parcels.map(({ endByte }) => endByte));
    const slotByte = this.#shared.write(bytes.subarray(from, to), parcels.length);
    if (slotByte === null) return false;
    for (const parcel of parcels) {
      const beginByte = slotByte + parcel.beginByte - from;
      const length = parcel.endByte - parcel.beginByte;
      this.#peers.get(parcel.to)?.wire.send({ type: 'shared', channel, slotByte, beginByte, bytes: length });
    }
    return true;
  }

  #receive(from: number, peer: Peer, frame: Frame): void {
    switch (frame.type) {
      case 'inline':
        return this.#mailboxes.deliver(frame.channel, from, inlineArrival(frame.bytes));
      case 'shared':
        return this.#mailboxes.deliver(frame.channel, from, sharedArrival(peer, frame));
      case 'release':
        return this.#shared?.release(frame.slotByte);
      case 'leave':
        peer.hasLeft = true;
        this.#left(from, causeOf(frame.bytes));
    }
  }

  #left(from: number, cause: Cause | null): void {
    if (cause === null) this.#mailboxes.leave(from, new RankLostError(from, 'it has left the group'));
    else this.lose(new RankLostError(cause.rank, cause.why));
  }
}

function inlineArrival(bytes: Uint8Array): Arrival {
  return {
    bytes: bytes.length,
    read: (into, at) => into.set(bytes.subarray(at, at + into.length)),
    release: () => undefined,
  };
}

function sharedArrival(peer: Peer, { slotByte, beginByte, bytes }: Extract<Frame, { type: 'shared' }>): Arrival {
  return {
    bytes,
    read(into, at) {
      if (peer.file === null) throw new RangeError('a message lies in a shared file that this rank does not read');
      readPeerFile(peer.file, into, beginByte + at);
    },
    release: () => peer.wire.send({ type: 'release', slotByte }),
  };
}

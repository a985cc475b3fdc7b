import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { RankLostError } from '../rank-lost-error.ts';
import type { RendezvousAddress } from '../rendezvous.ts';
import type { Frame } from './frame.ts';
import { connect, knock, openDoor, thisHost } from './door.ts';
import type { Door } from './door.ts';
import { isMember, isSharedFileName } from './member.ts';
import type { Member } from './member.ts';
import { openPeerFile } from './shared-file.ts';
import type { SocketMesh } from './socket-mesh.ts';
import { plainBytes, tell, told } from './talk.ts';
import { Wire } from './wire.ts';

/** What the rendezvous tells when all are there. */
interface Members {
  /** What only the members of this world know. */
  readonly secret: string;
  readonly members: readonly Member[];
}

/** Milliseconds between two tries to reach a rendezvous that is not there yet. */
const RETRY_MS = 50;

/** The way of one rank into its world, and out of it. */
export class Entrance {
  readonly #mesh: SocketMesh;
  readonly #at: { readonly address: RendezvousAddress; readonly key: string };
  #rendezvous: Wire | null = null;
  #door: Door | null = null;

  constructor(mesh: SocketMesh, at: { readonly address: RendezvousAddress; readonly key: string }) {
    this.#mesh = mesh;
    this.#at = at;
  }

  /** @throws what ended it early: a RankLostError, or the reason of the signal */
  async meet(signal: AbortSignal): Promise<void> {
    const { rank, size } = this.#mesh;
    const socket = await reach(this.#at.address, signal);
    const rendezvous = new Wire(socket);
    this.#rendezvous = rendezvous;
    const known = this.#membersFrom(rendezvous, signal);
    // Whoever needs it gets the error; that nobody does yet is no fault.
    known.catch(() => undefined);
    this.#door = await openDoor(socket.localAddress ?? '127.0.0.1', (peer) => this.#letIn(new Wire(peer), known));
    const { unix, tcp } = this.#door;
    const member: Member = { rank, pid: process.pid, host: thisHost(), unix, tcp };
    tell(rendezvous, { key: this.#at.key, size, member });
    const { secret, members } = await known;
    rendezvous.trust();
    const others = members.filter((each) => each.rank !== rank);
    await Promise.all([
      ...others.map((each) => this.#agree(each.rank, secret)),
      ...others.filter((each) => each.rank < rank).map((each) => this.#visit(each, secret, signal)),
    ]);
    this.#door.close();
  }

  /** Leaves whatever it has come into. */
  async leave(because: string | null): Promise<void> {
    const cause = this.#mesh.cause(because);
    this.#door?.close();
    const rendezvous = this.#rendezvous;
    if (rendezvous !== null) {
      rendezvous.onEnd = () => undefined;
      rendezvous.send({ type: 'leave', bytes: plainBytes({ cause }) });
    }
    await Promise.all([this.#mesh.close(cause), rendezvous?.close(cause !== null)]);
  }

  /** Hears the rendezvous, now and later. */
  #membersFrom(rendezvous: Wire, signal: AbortSignal): Promise<Members> {
    return new Promise((resolve, reject) => {
      const end = (error: unknown): void => {
        reject(error);
        this.#mesh.lose(error);
      };
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      rendezvous.onEnd = (why) => end(new RankLostError(null, why));
      rendezvous.onFrame = (frame) => {
        const { kind, why, rank, secret, members } = told(frame) ?? {};
        if (kind === 'refused') end(new RankLostError(null, `it refused this rank: ${String(why)}`));
        else if (kind === 'lost') end(new RankLostError(typeof rank === 'number' ? rank : null, String(why)));
        else if (typeof secret === 'string' && Array.isArray(members)) {
          resolve({ secret, members: members.filter(isMember) });
        }
      };
    });
  }

  /** Connects to a rank that came before this one. */
  async #visit(member: Member, secret: string, signal: AbortSignal): Promise<void> {
    let socket: Socket;
    try {
      socket = await knock(member, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new RankLostError(member.rank, 'it could not be connected to', { cause: error });
    }
    const wire = new Wire(socket);
    this.#mesh.attach(member.rank, wire);
    this.#greet(wire, secret);
  }

  /** Takes in a rank that comes after this one, once it has shown that it is of this world. */
  #letIn(wire: Wire, known: Promise<Members>): void {
    wire.onFrame = (frame) => {
      known.then(
        ({ secret }) => this.#admit(wire, frame, secret),
        () => wire.destroy(),
      );
    };
  }

  #admit(wire: Wire, frame: Frame, secret: string): void {
    const greeting = told(frame);
    const rank = greeting?.['secret'] === secret ? greeting['rank'] : null;
    const isExpected = typeof rank === 'number' && rank > this.#mesh.rank && !this.#mesh.hasPeer(rank);
    if (!isExpected || frame.type !== 'inline') return wire.destroy();
    this.#mesh.attach(rank, wire);
    this.#greet(wire, secret);
    this.#mesh.deliver(rank, frame.bytes);
  }

  #greet(wire: Wire, secret: string): void {
    tell(wire, { secret, rank: this.#mesh.rank, file: this.#mesh.sharedName });
  }

  /** Finds out with a peer which of the two can read the other's shared file. */
  async #agree(rank: number, secret: string): Promise<void> {
    const greeting = await this.#mesh.hear(rank);
    if (greeting['secret'] !== secret) throw new RankLostError(rank, 'it is of another world');
    const file = isSharedFileName(greeting['file']) ? openPeerFile(greeting['file']) : null;
    this.#mesh.readFrom(rank, file);
    this.#mesh.say(rank, { reads: file !== null });
    const answer = await this.#mesh.hear(rank);
    if (answer['reads'] === true) this.#mesh.isReadBy(rank);
  }
}

/** Connects to the rendezvous, which may begin later than the ranks. */
async function reach(address: RendezvousAddress, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    try {
      return await connect(address, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED')) {
        throw new RankLostError(null, `it cannot be reached at ${address.host}:${address.port}`, { cause: error });
      }
      await wait(RETRY_MS, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}

import { randomBytes } from 'node:crypto';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Wire } from './wire/wire.ts';
import { causeOf, tell, told } from './wire/talk.ts';
import type { Cause } from './wire/talk.ts';
import { isMember } from './wire/member.ts';
import type { Member } from './wire/member.ts';

/** Where ranks find each other. */
export interface RendezvousAddress {
  readonly host: string;
  readonly port: number;
}

export interface RendezvousOptions extends RendezvousAddress {
  /** Ranks of the world. */
  readonly size: number;
  /** What ranks must know to join; nothing when absent. */
  readonly key?: string;
  /** Milliseconds from the first rank to the last. */
  readonly deadlineMs: number;
  /** Takes a line about what happens. */
  readonly log?: (line: string) => void;
}

/** How a world ended, as its rendezvous saw it. */
export type WorldEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'lost'; readonly rank: number; readonly why: string }
  /** The rendezvous was closed before. */
  | { readonly kind: 'closed' };

/** A place where the ranks of one world find each other. */
export interface Rendezvous {
  /** With the port that was free when 0 was asked for. */
  readonly address: RendezvousAddress;
  readonly ended: Promise<WorldEnd>;
  /** Ranks that are still there lose their world. */
  close(): void;
}

/**
 * Lets the ranks of one world find each other, and tells those who are left when one is lost.
 *
 * @throws the system's error when the address cannot be listened on
 */
export async function serveRendezvous(options: RendezvousOptions): Promise<Rendezvous> {
  const { host, port } = options;
  const meeting = new Meeting(options);
  const server = net.createServer((socket) => meeting.enter(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  void meeting.ended.then(() => server.close());
  // A server on a port has an address with one.
  const { port: bound } = server.address() as AddressInfo;
  return {
    address: { host, port: bound },
    ended: meeting.ended,
    close: () => meeting.end({ kind: 'closed' }),
  };
}

/** A rank that is there. */
interface Present {
  readonly member: Member;
  readonly wire: Wire;
}

class Meeting {
  readonly ended: Promise<WorldEnd>;
  readonly #options: RendezvousOptions;
  readonly #present = new Map<number, Present>();
  readonly #sockets = new Set<Socket>();
  #finish: (end: WorldEnd) => void = () => undefined;
  #isComplete = false;
  #isOver = false;
  #late: NodeJS.Timeout | undefined;

  constructor(options: RendezvousOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  enter(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const wire = new Wire(socket);
    wire.onFrame = (frame) => {
      const asked = told(frame);
      const refusal = asked === null ? 'what it said was not understood' : this.#refusal(asked);
      if (asked !== null && refusal === null && isMember(asked['member'])) return this.#join(asked['member'], wire);
      this.#log(`somebody was refused: ${refusal}`);
      tell(wire, { kind: 'refused', why: refusal });
      void wire.close();
    };
  }

  end(end: WorldEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#late);
    if (end.kind === 'lost') for (const { wire } of this.#present.values()) tell(wire, end);
    void this.#close();
    this.#finish(end);
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#present.values()].map(({ wire }) => wire.close(true)));
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Why somebody cannot join; null when it can. */
  #refusal({ key, size, member }: Readonly<Record<string, unknown>>): string | null {
    if ((this.#options.key ?? '') !== key) return 'it does not know the key of this world';
    if (!isMember(member)) return 'it did not say who it is';
    if (size !== this.#options.size)
      return `it is of a world of ${String(size)} ranks, this one has ${this.#options.size}`;
    const { rank } = member;
    if (rank < 0 || rank >= this.#options.size) return `there is no rank ${rank} of ${this.#options.size}`;
    return this.#present.has(rank)
      ? `rank ${rank} is there already, process ${this.#present.get(rank)?.member.pid}`
      : null;
  }

  #join(member: Member, wire: Wire): void {
    const { size, deadlineMs } = this.#options;
    const { rank } = member;
    this.#present.set(rank, { member, wire });
    this.#log(`rank ${rank} is there, process ${member.pid} on ${member.host}: ${this.#present.size} of ${size}`);
    let cause: Cause | null = { rank, why: 'its connection to the rendezvous was closed' };
    wire.onFrame = (frame) => {
      if (frame.type === 'leave') cause = causeOf(frame.bytes);
    };
    wire.onEnd = () => this.#leave(rank, cause);
    if (this.#present.size === 1) this.#late = setTimeout(() => this.#endLate(), Math.min(deadlineMs, 2 ** 31 - 1));
    if (this.#present.size === size) this.#open();
  }

  /** All are there: everybody hears of everybody. */
  #open(): void {
    clearTimeout(this.#late);
    this.#isComplete = true;
    const secret = randomBytes(16).toString('hex');
    const members = [...this.#present.values()].map(({ member }) => member).toSorted((a, b) => a.rank - b.rank);
    for (const { wire } of this.#present.values()) tell(wire, { kind: 'world', secret, members });
    this.#log(`all ${members.length} ranks are there`);
  }

  /** @param cause null when it was done */
  #leave(rank: number, cause: Cause | null): void {
    this.#present.delete(rank);
    if (this.#isOver) return;
    const lost = cause ?? (this.#isComplete ? null : { rank, why: 'it left before all were there' });
    this.#log(lost === null ? `rank ${rank} is done` : `The node: ${lost.rank ?? rank} is lost: ${lost.why}`);
    if (lost !== null) this.end({ kind: 'lost', rank: lost.rank ?? rank, why: lost.why });
    else if (this.#present.size === 0) this.end({ kind: 'done' });
  }

  #endLate(): void {
    const missing = Array.from({ length: this.#options.size }, (_, rank) => rank).filter(
      (rank) => !this.#present.has(rank),
    );
    const why = `it did not come within ${this.#options.deadlineMs / 1000} seconds`;
    for (const rank of missing) this.#log(`The node: ${rank} is timed out: ${why}`);
    this.end({ kind: 'lost', rank: missing[0] ?? 0, why });
  }

  #log(line: string): void {
    this.#options.log?.(line);
  }
}

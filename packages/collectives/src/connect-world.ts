import type { Group } from './group.ts';
import { MeshGroup } from './mesh-group.ts';
import { RankLostError } from './rank-lost-error.ts';
import type { RendezvousAddress } from './rendezvous.ts';
import { Entrance } from './wire/entrance.ts';
import { SharedFile, shareOfMemory } from './wire/shared-file.ts';
import { SocketMesh } from './wire/socket-mesh.ts';

export interface WorldOptions {
  readonly rank: number;
  readonly size: number;
  /** Where the rendezvous is. */
  readonly address: RendezvousAddress;
  /** Key of the rendezvous; none when absent. */
  readonly key?: string;
  /** Milliseconds that a rank may keep the others waiting in one call. */
  readonly deadlineMs: number;
  /** Milliseconds until all ranks have found each other; `deadlineMs` when absent. */
  readonly joinDeadlineMs?: number;
  /** Ends what is under way with its reason. */
  readonly signal?: AbortSignal;
  /** Folder of shared memory for large messages; null = they go through the connections. */
  readonly sharedFolder?: string | null;
  /** Most bytes of messages that wait there; a share of what is free when absent. */
  readonly sharedBytes?: number;
}

/** All ranks of a run, as one of them that is a process sees them. */
export interface World extends Group {
  /**
   * Leaves the world. Every rank does, at its end.
   *
   * @param because what ended this rank early: those who wait for it fail with that
   */
  close(because?: string): Promise<void>;
}

/** Where shared memory is. */
const SHARED_FOLDER = '/dev/shm';
/** Longest time a timer can take. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Finds the other ranks of a world by its rendezvous and connects to each of them.
 *
 * Every call of the group fails with a RankLostError when a rank, or the rendezvous, is gone or does not answer within
 * the deadline.
 *
 * @throws RankLostError when the ranks do not find each other, the reason of the signal when that comes first
 */
export async function connectWorld(options: WorldOptions): Promise<World> {
  const { rank, size, deadlineMs, joinDeadlineMs = deadlineMs } = options;
  const mesh = new SocketMesh({ rank, size, deadlineMs }, sharedFileOf(options));
  const tooLate = new AbortController();
  const late = new RankLostError(null, `the ranks did not find each other within ${joinDeadlineMs / 1000} seconds`);
  const timer = setTimeout(() => tooLate.abort(late), Math.min(joinDeadlineMs, LONGEST_MS));
  const stopped = AbortSignal.any([tooLate.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const lose = (): void => mesh.lose(stopped.reason);
  stopped.addEventListener('abort', lose, { once: true });
  const entrance = new Entrance(mesh, { address: options.address, key: options.key ?? '' });
  const leave = (because: string | null): Promise<void> => {
    clearTimeout(timer);
    stopped.removeEventListener('abort', lose);
    return entrance.leave(because);
  };
  try {
    await entrance.meet(stopped);
  } catch (error) {
    await leave(error instanceof Error ? error.message : String(error));
    throw error;
  }
  clearTimeout(timer);
  return new ProcessWorld(mesh, leave);
}

function sharedFileOf({ size, sharedFolder = SHARED_FOLDER, sharedBytes }: WorldOptions): SharedFile | null {
  if (sharedFolder === null || size === 1) return null;
  const bytes = sharedBytes ?? shareOfMemory(sharedFolder, size);
  return bytes === 0 ? null : SharedFile.create(sharedFolder, bytes);
}

class ProcessWorld extends MeshGroup implements World {
  readonly #leave: (because: string | null) => Promise<void>;

  constructor(mesh: SocketMesh, leave: (because: string | null) => Promise<void>) {
    super(
      mesh,
      Array.from({ length: mesh.size }, (_, rank) => rank),
      'world',
    );
    this.#leave = leave;
  }

  close(because?: string): Promise<void> {
    return this.#leave(because ?? null);
  }
}

import type { EventBody } from '@cairn/events';

/** An event of a rank as the run's one stream has it. */
export interface MergedEvent {
  readonly body: EventBody;
  /** Null for events of the run as a whole. */
  readonly rank: number | null;
  /** Unix time in milliseconds; now when absent. */
  readonly atMs?: number;
}

export interface MergeRules {
  readonly size: number;
  /** The rank whose steps stand for those of all. */
  readonly reporter: number;
  /** Whether every rank's steps are wanted. */
  readonly allRanks: boolean;
}

/**
 * Merges what the ranks of a run say into one stream: what all of them say alike is there once, the rest with its rank.
 *
 * @returns what becomes of an event of a rank; null when it is left out
 */
export function mergeRanks({
  size,
  reporter,
  allRanks,
}: MergeRules): (rank: number, body: EventBody) => MergedEvent | null {
  const warned = new Set<string>();
  if (size === 1) return (_rank, body) => ({ body, rank: null });
  return (rank, body) => {
    switch (body.type) {
      case 'run-started':
      case 'data-skipped':
        return rank === 0 ? { body, rank: null } : null;
      case 'resume-decided':
        return rank === 0 ? { body, rank } : null;
      case 'step':
        return allRanks || rank === reporter ? { body, rank } : null;
      case 'warning': {
        const words = `${body.code} ${body.place} ${body.message}`;
        if (warned.has(words)) return null;
        warned.add(words);
        return { body, rank };
      }
      default:
        return { body, rank };
    }
  };
}

/** Holds events back until the run has begun, so that its record begins with that. */
export interface HeldEvents {
  take(event: MergedEvent): void;
  /** Nothing more is waited for. */
  release(): void;
}

/**
 * Gives events on once `run-started` has come, which it puts before all others.
 *
 * @param emit takes them
 */
export function heldUntilStart(emit: (event: MergedEvent) => void, nowMs: () => number = Date.now): HeldEvents {
  let held: MergedEvent[] | null = [];
  const release = (): void => {
    const events = held ?? [];
    held = null;
    events.forEach(emit);
  };
  return {
    release,
    take(event) {
      if (held === null) return emit(event);
      if (event.body.type !== 'run-started') return void held.push({ ...event, atMs: nowMs() });
      emit(event);
      release();
    },
  };
}

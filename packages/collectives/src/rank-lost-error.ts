/** A rank of the group is gone or does not answer, so what the ranks do together has ended. */
export class RankLostError extends Error {
  readonly code = 'rank-lost';
  /** The rank of the world that was lost; null when it is the rendezvous. */
  readonly rank: number | null;
  readonly why: string;

  constructor(rank: number | null, why: string, options?: ErrorOptions) {
    super(`${rank === null ? 'the rendezvous' : `rank ${rank}`} was lost: ${why}`, options);
    this.name = 'RankLostError';
    this.rank = rank;
    this.why = why;
  }
}

/** Whether an error says that a peer was lost. */
export function isRankLostError(error: unknown): error is RankLostError {
  return error instanceof Error && error.name === 'RankLostError';
}

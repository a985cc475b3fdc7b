import type { Proof, Survey } from '@cairn/ckpt-format/folder';
import { decideResume } from '@cairn/resume';
import type { Proofs, ProofsWanted, Resumption, WantedCheckpoint } from '@cairn/resume';

/** Proves files of ranks; gives the proofs by `proofKey`. */
export type Prover = (files: ProofsWanted['files']) => Promise<Iterable<readonly [string, Proof]>>;

/**
 * Decides from where the ranks continue, and has files proven as often as the decision asks for it.
 *
 * @throws ResumeError
 */
export async function settleResume(
  surveys: readonly Survey[],
  wanted: WantedCheckpoint,
  prove: Prover,
): Promise<Resumption> {
  let proofs: Proofs = new Map();
  for (;;) {
    const decision = decideResume(surveys, wanted, proofs);
    if (decision.kind === 'resume') return decision;
    proofs = new Map([...proofs, ...(await prove(decision.files))]);
  }
}

/** What `resume_training` asks for. */
export function wantedCheckpoint(resumeTraining: true | string, lastTimestamp: boolean): WantedCheckpoint {
  return typeof resumeTraining === 'string'
    ? { kind: 'named', name: resumeTraining }
    : { kind: 'newest', lastTimestamp };
}

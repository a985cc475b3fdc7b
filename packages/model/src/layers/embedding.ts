import type { Value } from '@cairn/graph';
import { leave } from '../tensor-parallel.ts';
import type { Scope } from './scope.ts';

/** MindFormers' name of the embedding, [vocabulary, hidden]; a tied head reads it too. */
export const EMBEDDING_WEIGHT: string = 'model.tok_embeddings.embedding_weight';

/**
 * Token ids → [tokens, hidden] in the compute type.
 *
 * With the vocabulary cut, a rank looks up the ids it has (`tokens` counted from its first one, others set to 0),
 * blanks the others by `tokensHere` [tokens, 1], and the ranks sum.
 */
export function embedding({ g, spec, place }: Scope): Value {
  const tokens = place.rows * spec.seqLength;
  const table = g.input(EMBEDDING_WEIGHT, [spec.vocabulary / place.vocabulary.size, spec.hidden]);
  const found = g.gather(table, g.input('tokens', [tokens], 'int32'));
  if (place.vocabulary.size === 1) return g.round(found, spec.precision.compute);
  const own = g.mul(found, g.input('tokensHere', [tokens, 1]));
  return g.round(leave(g, own, place.vocabulary), spec.precision.compute);
}

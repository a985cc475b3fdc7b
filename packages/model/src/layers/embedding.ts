import type { Value } from '@cairn/graph';
import { flowTokens } from '../rank-place.ts';
import { CONTEXT_GROUP, scatter } from '../rank-share.ts';
import { leaveWeights } from './flow.ts';
import type { Scope } from './scope.ts';

/** Name of the embedding's table, [vocabulary, hidden]; a tied head uses it too. */
export const EMBEDDING_WEIGHT: string = 'model.tok_embeddings.embedding_weight';

/**
 * Token ids → [flow tokens, hidden] in the compute type.
 *
 * With the vocabulary cut, a rank looks up the ids it has among those of all ranks (`tokens` counted from its first one,
 * others set to 0), blanks the others by `tokensHere` [tokens, 1], and the ranks sum; each keeps its own tokens.
 */
export function embedding(scope: Scope): Value {
  const { g, spec, place } = scope;
  const { compute } = spec.precision;
  const tokens = seenTokens(scope);
  const table = g.input(EMBEDDING_WEIGHT, [spec.vocabulary / place.embedding.size, spec.hidden]);
  const found = g.gather(table, g.input('tokens', [tokens], 'int32'));
  if (place.embedding.size === 1) return g.round(found, compute);
  const own = g.mul(found, g.input('tokensHere', [tokens, 1]));
  return g.round(leaveWeights(scope, scatter(g, own, 0, CONTEXT_GROUP, place.context)), compute);
}

/** Token ids a rank looks up for a unit: its own, or with the vocabulary cut those of all ranks. */
export function seenTokens({ spec, place }: Pick<Scope, 'spec' | 'place'>): number {
  return place.embedding.size === 1 ? flowTokens(spec, place) : place.rows * spec.seqLength;
}

import type { GraphBuilder, Value } from '@cairn/graph';
import { flowTokens, ownTokens } from '../rank-place.ts';
import type { RankShare } from '../rank-share.ts';
import { largest, leave } from '../rank-share.ts';
import { EMBEDDING_WEIGHT } from './embedding.ts';
import { enterWeights } from './flow.ts';
import { linear } from './linear.ts';
import { rmsNorm } from './rms-norm.ts';
import type { Scope } from './scope.ts';

/** Most logits that are held at once: 2²⁴ are 64 MiB. More tokens are taken in several pieces. */
const MOST_LOGITS = 2 ** 24;

/**
 * Final norm, logits and loss: x [flow tokens, hidden] → [1, 1].
 *
 * loss = Σ lossWeights · -log softmax(logits)[labels]; the weights [tokens, 1] carry the mask and the mean
 * (qwen-llama-data §3.2). With the vocabulary cut, `labels` count from the rank's first id and `labelsHere` blanks
 * those of other ranks. With the vocabulary whole, each rank judges the tokens it has, and `sequence` adds up.
 */
export function headAndLoss(scope: Scope, x: Value): Value {
  const { g, spec, place } = scope;
  const tokens = judgedTokens(scope);
  const own = spec.vocabulary / place.head.size;
  const normed = rmsNorm(g, x, g.input('model.norm_out.weight', [spec.hidden]), spec);
  const entered = place.head.size > 1 ? enterWeights(scope, normed) : normed;
  const weight = g.input(spec.tiedEmbedding ? EMBEDDING_WEIGHT : 'lm_head.weight', [own, spec.hidden]);
  const labels = g.input('labels', [tokens, 1], 'int32');
  const lossWeights = g.input('lossWeights', [tokens, 1]);

  const piece = Math.min(tokens, Math.max(1, Math.floor(MOST_LOGITS / own)));
  const losses: Value[] = [];
  for (let begin = 0; begin < tokens; begin += piece) {
    const end = Math.min(begin + piece, tokens);
    const part = (value: Value): Value => g.slice(value, begin, end);
    const logits = linear(g, part(entered), weight, undefined, spec.precision.compute);
    const each =
      place.head.size === 1
        ? g.crossEntropy(logits, part(labels))
        : crossEntropyOverRanks(g, logits, part(labels), part(g.input('labelsHere', [tokens, 1])), place.head);
    losses.push(g.sum(g.mul(each, part(lossWeights)), [0]));
  }
  const loss = losses.reduce((total, each) => g.add(total, each));
  return place.sequence && place.head.size === 1 ? leave(g, loss, place.tensor) : loss;
}

/** Tokens whose loss a rank works out for a unit: those between its layers, or with the vocabulary cut all of its rows'. */
export function judgedTokens({ spec, place }: Pick<Scope, 'spec' | 'place'>): number {
  return place.head.size === 1 ? flowTokens(spec, place) : place.rows * ownTokens(spec, place);
}

/** log Σ exp(z - m) + m - z[label] with the maximum, the sum and the label's logit taken over all ranks. */
function crossEntropyOverRanks(g: GraphBuilder, logits: Value, labels: Value, here: Value, cut: RankShare): Value {
  const top = largest(g, g.max(logits), cut);
  const total = leave(g, g.sum(g.exp(g.sub(logits, top)), [1]), cut);
  const picked = leave(g, g.mul(g.take(logits, labels), here), cut);
  return g.sub(g.add(g.log(total), top), picked);
}

import type { GraphBuilder, Value } from '@cairn/graph';
import type { TensorParallel } from '../tensor-parallel.ts';
import { enter, largest, leave } from '../tensor-parallel.ts';
import { EMBEDDING_WEIGHT } from './embedding.ts';
import { linear } from './linear.ts';
import { rmsNorm } from './rms-norm.ts';
import type { Scope } from './scope.ts';

/** Most logits that are held at once: 2²⁴ are 64 MiB. More tokens are taken in several pieces. */
const MOST_LOGITS = 2 ** 24;

/**
 * Final norm, logits and loss: x [tokens, hidden] → [1, 1].
 *
 * loss = Σ lossWeights · -log softmax(logits)[labels]; the weights [tokens, 1] carry the mask and the mean
 * (qwen-llama-data §3.2). With the vocabulary cut, `labels` count from the rank's first id and `labelsHere` blanks
 * those of other ranks.
 */
export function headAndLoss({ g, spec, place }: Scope, x: Value): Value {
  const { vocabulary } = place;
  const tokens = place.rows * spec.seqLength;
  const own = spec.vocabulary / vocabulary.size;
  const normed = rmsNorm(g, x, g.input('model.norm_out.weight', [spec.hidden]), spec);
  const entered = enter(g, normed, vocabulary);
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
      vocabulary.size === 1
        ? g.crossEntropy(logits, part(labels))
        : crossEntropyOverRanks(g, logits, part(labels), part(g.input('labelsHere', [tokens, 1])), vocabulary);
    losses.push(g.sum(g.mul(each, part(lossWeights)), [0]));
  }
  return losses.reduce((total, loss) => g.add(total, loss));
}

/** log Σ exp(z - m) + m - z[label] with the maximum, the sum and the label's logit taken over all ranks. */
function crossEntropyOverRanks(g: GraphBuilder, logits: Value, labels: Value, here: Value, cut: TensorParallel): Value {
  const top = largest(g, g.max(logits), cut);
  const total = leave(g, g.sum(g.exp(g.sub(logits, top)), [1]), cut);
  const picked = leave(g, g.mul(g.take(logits, labels), here), cut);
  return g.sub(g.add(g.log(total), top), picked);
}

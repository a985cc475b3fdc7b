import { at } from './operator.ts';
import type { NoAttributes, Operator } from './operator.ts';
import { largest, softmaxRow } from './reducing.ts';

/** -log softmax(logits)[label], the row maximum subtracted first: logits [n, classes], labels [n, 1] → [n, 1]. */
export const crossEntropy: Operator<NoAttributes> = {
  shape: ([logits = []]) => [at(logits, 0), 1],
  gradient: (g, { inputs: [logits, labels] }, dy) => [
    g.apply('crossEntropyGradient', [logits!, labels!, dy], {}),
    null,
  ],
  compute(inputs) {
    const [logits, labels] = [at(inputs, 0), at(inputs, 1)];
    const classes = at(logits.shape, 1);
    return Float32Array.from(labels.data, (label, row) => {
      const scores = logits.data.subarray(row * classes, (row + 1) * classes);
      const top = largest(scores);
      let total = 0;
      for (const score of scores) total += Math.exp(score - top);
      return Math.log(total) + top - scores[label]!;
    });
  },
  onnx(out, [logits = '', labels = '']) {
    const logProbabilities = out.node('LogSoftmax', [logits], { axis: -1 });
    return out.node('Neg', [out.node('GatherElements', [logProbabilities, labels], { axis: 1 })]);
  },
};

/** (softmax(logits) - onehot(label)) · dy: logits [n, classes], labels [n, 1], dy [n, 1] → [n, classes]. */
export const crossEntropyGradient: Operator<NoAttributes> = {
  shape: ([logits = []]) => logits,
  gradient: () => [null, null, null],
  compute(inputs) {
    const [logits, labels, dy] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    const classes = at(logits.shape, 1);
    const out = new Float32Array(logits.data.length);
    labels.data.forEach((label, row) => {
      const probabilities = softmaxRow(logits.data.subarray(row * classes, (row + 1) * classes));
      probabilities[label]! -= 1;
      out.set(
        probabilities.map((p) => p * dy.data[row]!),
        row * classes,
      );
    });
    return out;
  },
  onnx(out, [logits = '', labels = '', dy = ''], { inputs }) {
    const probabilities = out.node('Softmax', [logits], { axis: -1 });
    const minusOne = out.node('Expand', [out.float(-1), out.ints(at(inputs, 2).shape)]);
    return out.node('Mul', [out.scatterElements(probabilities, labels, minusOne), dy]);
  },
};

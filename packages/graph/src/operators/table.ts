import { add, div, mul, sub } from './binary.ts';
import { collective } from './collective.ts';
import { crossEntropy, crossEntropyGradient } from './cross-entropy.ts';
import { gather, scatterElements, scatterRows, take } from './indexing.ts';
import { matmul } from './matmul.ts';
import type { Operator } from './operator.ts';
import { max, softmax, sum } from './reducing.ts';
import { broadcast, pad, reshape, rotateHalf, slice, transpose } from './reshaping.ts';
import { round } from './round.ts';
import { exp, log, offset, reciprocal, scale, sigmoid, sqrt } from './unary.ts';

interface OperatorTable {
  readonly add: typeof add;
  readonly sub: typeof sub;
  readonly mul: typeof mul;
  readonly div: typeof div;
  readonly scale: typeof scale;
  readonly offset: typeof offset;
  readonly exp: typeof exp;
  readonly log: typeof log;
  readonly sqrt: typeof sqrt;
  readonly reciprocal: typeof reciprocal;
  readonly sigmoid: typeof sigmoid;
  readonly matmul: typeof matmul;
  readonly reshape: typeof reshape;
  readonly transpose: typeof transpose;
  readonly broadcast: typeof broadcast;
  readonly slice: typeof slice;
  readonly pad: typeof pad;
  readonly rotateHalf: typeof rotateHalf;
  readonly sum: typeof sum;
  readonly max: typeof max;
  readonly softmax: typeof softmax;
  readonly gather: typeof gather;
  readonly scatterRows: typeof scatterRows;
  readonly take: typeof take;
  readonly scatterElements: typeof scatterElements;
  readonly crossEntropy: typeof crossEntropy;
  readonly crossEntropyGradient: typeof crossEntropyGradient;
  readonly round: typeof round;
  readonly collective: typeof collective;
}

/** The name of an operator. */
export type OperatorName = keyof OperatorTable;
/** The attributes an operator is applied with. */
export type AttributesOf<K extends OperatorName> = OperatorTable[K] extends Operator<infer A> ? A : never;

/** Every operator there is. */
export const operators: { readonly [K in OperatorName]: Operator<AttributesOf<K>> } = {
  add,
  sub,
  mul,
  div,
  scale,
  offset,
  exp,
  log,
  sqrt,
  reciprocal,
  sigmoid,
  matmul,
  reshape,
  transpose,
  broadcast,
  slice,
  pad,
  rotateHalf,
  sum,
  max,
  softmax,
  gather,
  scatterRows,
  take,
  scatterElements,
  crossEntropy,
  crossEntropyGradient,
  round,
  collective,
};

/** The operator of a node, its attributes' type forgotten; pass it the same node's attributes. */
export function operatorOf(op: OperatorName): Operator<unknown> {
  // A node's op and attributes belong together by construction (GraphBuilder.apply).
  return operators[op];
}

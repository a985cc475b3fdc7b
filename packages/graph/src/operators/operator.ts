import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import type { OnnxNodes } from '../onnx/onnx-nodes.ts';
import type { Shape, Tensor } from '../tensor.ts';

/** The values of one application of an operator. */
interface Application<A> {
  readonly inputs: readonly Value[];
  readonly attributes: A;
  readonly output: Value;
}

/** An operator in its four aspects; all of them are in `table.ts`. Results are float32, but for a slice of integers. */
export interface Operator<A> {
  /**
   * Shape of the result.
   *
   * @throws GraphError when the inputs do not fit
   */
  shape(inputs: readonly Shape[], attributes: A): Shape;
  /** For each input the gradient of the loss, given that of the output; null where there is none. */
  gradient(g: GraphBuilder, node: Application<A>, dy: Value): readonly (Value | null)[];
  /** The arithmetic in plain TypeScript, the oracle for every device. */
  compute(inputs: readonly Tensor[], attributes: A, shape: Shape): Tensor['data'];
  /** Emits ONNX nodes; returns the name of the result. */
  onnx(out: OnnxNodes, inputs: readonly string[], node: Application<A>): string;
  /** Emits `base + result` in one go, where ONNX has an operator that adds onto a tensor; null when this use has none. */
  onnxOnto?(out: OnnxNodes, base: string, inputs: readonly string[], node: Application<A>): string | null;
}

/** Attributes of an operator that has none. */
export interface NoAttributes {
  readonly none?: never;
}

/** The value at a position the operator's arity guarantees. */
export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`an operator lacks its input ${index}`);
  return item;
}

import { elementCount } from '@cairn/bytes';
import type { Graph, GraphNode, Named, Value } from './graph.ts';
import { graphOf } from './graph.ts';
import type { CollectiveAttributes } from './operators/collective.ts';
import type { RoundTo } from './operators/round.ts';
import { operators } from './operators/table.ts';
import type { AttributesOf, OperatorName } from './operators/table.ts';
import type { Scalar, Shape } from './tensor.ts';
import { sameShape } from './tensor.ts';

/** Builds a graph operator by operator; every method returns the value it computes. */
export class GraphBuilder {
  readonly inputs: Map<string, Value> = new Map<string, Value>();
  readonly nodes: GraphNode[] = [];

  /** Continues a graph: its inputs and nodes are the beginning of the new one. */
  static from(graph: Graph): GraphBuilder {
    const builder = new GraphBuilder();
    for (const [name, value] of graph.inputs) builder.inputs.set(name, value);
    builder.nodes.push(...graph.nodes);
    return builder;
  }

  /** An input; the same one when the name was used before. */
  input(name: string, shape: Shape, scalar: Scalar = 'float32'): Value {
    const known = this.inputs.get(name);
    if (known !== undefined) return known;
    const value: Value = { shape, scalar };
    this.inputs.set(name, value);
    return value;
  }

  /** The graph that computes the named outputs. */
  build(outputs: Named | Readonly<Record<string, Value>>): Graph {
    const named = outputs instanceof Map ? outputs : new Map<string, Value>(Object.entries(outputs));
    return graphOf(this.inputs, this.nodes, named);
  }

  /** Any operator by name. */
  apply<K extends OperatorName>(op: K, inputs: readonly Value[], attributes: AttributesOf<K>): Value {
    const shapes = inputs.map((input) => input.shape);
    const scalar = op === 'slice' ? (inputs[0]?.scalar ?? 'float32') : 'float32';
    const output: Value = { shape: operators[op].shape(shapes, attributes), scalar };
    // K ties op and attributes together; TypeScript cannot carry that through the union of all nodes.
    this.nodes.push({ op, attributes, inputs, output } as unknown as GraphNode);
    return output;
  }

  add(a: Value, b: Value): Value {
    return this.apply('add', [a, b], {});
  }

  sub(a: Value, b: Value): Value {
    return this.apply('sub', [a, b], {});
  }

  mul(a: Value, b: Value): Value {
    return this.apply('mul', [a, b], {});
  }

  div(a: Value, b: Value): Value {
    return this.apply('div', [a, b], {});
  }

  /** x · by */
  scale(x: Value, by: number): Value {
    return this.apply('scale', [x], { by });
  }

  /** x + by */
  offset(x: Value, by: number): Value {
    return this.apply('offset', [x], { by });
  }

  exp(x: Value): Value {
    return this.apply('exp', [x], {});
  }

  log(x: Value): Value {
    return this.apply('log', [x], {});
  }

  sqrt(x: Value): Value {
    return this.apply('sqrt', [x], {});
  }

  reciprocal(x: Value): Value {
    return this.apply('reciprocal', [x], {});
  }

  sigmoid(x: Value): Value {
    return this.apply('sigmoid', [x], {});
  }

  /** a · b over the last two axes; leading axes are equal. The flags read an operand with its last two axes exchanged. */
  matmul(a: Value, b: Value, transpose: { a?: boolean; b?: boolean } = {}): Value {
    return this.apply('matmul', [a, b], { transposeA: transpose.a ?? false, transposeB: transpose.b ?? false });
  }

  reshape(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape) ? x : this.apply('reshape', [x], { shape });
  }

  /** Axis i of the result is axis `order[i]` of x. */
  transpose(x: Value, order: readonly number[]): Value {
    return this.apply('transpose', [x], { order });
  }

  broadcast(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape) ? x : this.apply('broadcast', [x], { shape });
  }

  /** Sum over axes, which stay with size 1. */
  sum(x: Value, axes: readonly number[]): Value {
    return this.apply('sum', [x], { axes });
  }

  /** Mean over the last axis, which stays with size 1. */
  mean(x: Value): Value {
    const last = x.shape.length - 1;
    return this.scale(this.sum(x, [last]), 1 / (x.shape[last] ?? 1));
  }

  /** Maximum over the last axis, which stays with size 1; has no gradient. */
  max(x: Value): Value {
    return this.apply('max', [x], {});
  }

  /** Over the last axis. */
  softmax(x: Value): Value {
    return this.apply('softmax', [x], {});
  }

  /** Rows begin ≤ row < end. */
  slice(x: Value, begin: number, end: number): Value {
    return begin === 0 && end === x.shape[0] ? x : this.apply('slice', [x], { begin, end });
  }

  /** Halves x1, x2 of the last axis → [-x2, x1], the quarter turn of rotary embeddings. */
  rotateHalf(x: Value): Value {
    return this.apply('rotateHalf', [x], {});
  }

  /** Rows of a table: [rows, width], ids [n] → [n, width]. */
  gather(table: Value, ids: Value): Value {
    return this.apply('gather', [table, ids], {});
  }

  /** One element of each row: [n, width], ids [n, 1] → [n, 1]. */
  take(x: Value, ids: Value): Value {
    return this.apply('take', [x, ids], {});
  }

  /** -log softmax(logits)[label]: logits [n, classes], labels [n, 1] → [n, 1]. */
  crossEntropy(logits: Value, labels: Value): Value {
    return this.apply('crossEntropy', [logits, labels], {});
  }

  /** Values rounded to another floating type; the arithmetic stays float32. */
  round(x: Value, to: RoundTo): Value {
    return to === 'Float32' ? x : this.apply('round', [x], { to });
  }

  /** Marks a place where ranks talk; in a group of one the value itself. */
  collective(x: Value, attributes: CollectiveAttributes): Value {
    return this.apply('collective', [x], attributes);
  }

  /** Sums a value that was broadcast back to the shape it came from: the gradient of broadcasting. */
  sumTo(x: Value, shape: Shape): Value {
    if (sameShape(x.shape, shape)) return x;
    const lead = x.shape.length - shape.length;
    const axes = x.shape.flatMap((size, axis) =>
      axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
    );
    const summed = axes.length > 0 && elementCount(x.shape) !== elementCount(shape) ? this.sum(x, axes) : x;
    return this.reshape(summed, shape);
  }
}

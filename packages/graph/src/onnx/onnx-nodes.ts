import type { Shape } from '../tensor.ts';

/** Attribute of an ONNX node: an integer, a text or integers. */
export type OnnxAttribute = number | string | readonly number[];

/** One node of an ONNX graph (NodeProto): operator, names of what it reads and of its one result; domain '' is ONNX's own. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  readonly domain: string;
}

/** A constant of the model: a float32 scalar or a list of int64. */
export type OnnxConstant =
  | { readonly name: string; readonly kind: 'float'; readonly value: number }
  | { readonly name: string; readonly kind: 'ints'; readonly values: readonly number[] };

/** Collects the nodes and constants of one ONNX graph; equal constants are kept once. */
export class OnnxNodes {
  readonly nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxConstant>();
  readonly #taken: ReadonlySet<string>;

  /** @param taken names of the graph's inputs and outputs, which nothing else may have */
  constructor(taken: ReadonlySet<string>) {
    this.#taken = taken;
  }

  get constants(): readonly OnnxConstant[] {
    return [...this.#constants.values()];
  }

  /** Adds a node with one result; returns the result's name. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): string {
    const output = this.#free(`t${this.nodes.length}`);
    this.nodes.push({ op, inputs, output, attributes, domain });
    return output;
  }

  /** A float32 scalar constant. */
  float(value: number): string {
    return this.#constant({ name: this.#free(`const.f${value}`), kind: 'float', value });
  }

  /** An int64 vector constant. */
  ints(values: readonly number[]): string {
    return this.#constant({ name: this.#free(`const.i${values.join('_')}`), kind: 'ints', values });
  }

  zeros(shape: Shape): string {
    return this.node('ConstantOfShape', [this.ints(shape)]);
  }

  /** base with the rows of x added at the row numbers ids: base [rows, width], ids [n], x [n, width]. */
  scatterRows(base: string, ids: string, x: string): string {
    const positions = this.node('Cast', [this.node('Unsqueeze', [ids, this.ints([1])])], { to: 7 });
    return this.node('ScatterND', [base, positions, x], { reduction: 'add' });
  }

  /** base with x added at the columns ids of its rows: base [n, width], ids [n, 1], x [n, 1]. */
  scatterElements(base: string, ids: string, x: string): string {
    return this.node('ScatterElements', [base, ids, x], { axis: 1, reduction: 'add' });
  }

  #free(name: string): string {
    return this.#taken.has(name) ? this.#free(`${name}'`) : name;
  }

  #constant(constant: OnnxConstant): string {
    this.#constants.set(constant.name, constant);
    return constant.name;
  }
}

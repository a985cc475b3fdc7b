import { elementCount } from '@cairn/bytes';
import { at } from './operator.ts';
import type { NoAttributes, Operator } from './operator.ts';

/** Rows of a table by id: [rows, width], ids [n] → [n, width]. */
export const gather: Operator<NoAttributes> = {
  shape: ([table = [], ids = []]) => [...ids, at(table, 1)],
  gradient: (g, { inputs }, dy) => [
    g.apply('scatterRows', [dy, at(inputs, 1)], { rows: at(at(inputs, 0).shape, 0) }),
    null,
  ],
  compute(inputs, _, shape) {
    const [table, ids] = [at(inputs, 0), at(inputs, 1)];
    const width = at(shape, shape.length - 1);
    const out = new Float32Array(elementCount(shape));
    ids.data.forEach((id, i) => out.set(table.data.subarray(id * width, (id + 1) * width), i * width));
    return out;
  },
  onnx: (out, names) => out.node('Gather', names, { axis: 0 }),
};

/** Adds rows into a table of zeros: [n, width], ids [n] → [rows, width]. */
export const scatterRows: Operator<{ readonly rows: number }> = {
  shape: ([x = []], { rows }) => [rows, at(x, 1)],
  gradient: (g, { inputs }, dy) => [g.gather(dy, at(inputs, 1)), null],
  compute(inputs, _, shape) {
    const [x, ids] = [at(inputs, 0), at(inputs, 1)];
    const width = at(shape, 1);
    const out = new Float32Array(elementCount(shape));
    ids.data.forEach((id, i) => {
      for (let c = 0; c < width; c++) out[id * width + c]! += x.data[i * width + c]!;
    });
    return out;
  },
  onnx: (out, [x = '', ids = ''], { output }) => out.scatterRows(out.zeros(output.shape), ids, x),
  onnxOnto: (out, base, [x = '', ids = '']) => out.scatterRows(base, ids, x),
};

/** One element of each row: [n, width], ids [n, 1] → [n, 1]. */
export const take: Operator<NoAttributes> = {
  shape: ([x = []]) => [at(x, 0), 1],
  gradient: (g, { inputs }, dy) => [
    g.apply('scatterElements', [dy, at(inputs, 1)], { width: at(at(inputs, 0).shape, 1) }),
    null,
  ],
  compute(inputs) {
    const [x, ids] = [at(inputs, 0), at(inputs, 1)];
    const width = at(x.shape, 1);
    return Float32Array.from(ids.data, (id, row) => x.data[row * width + id]!);
  },
  onnx: (out, names) => out.node('GatherElements', names, { axis: 1 }),
};

/** Puts one element into each row of zeros: [n, 1], ids [n, 1] → [n, width]. */
export const scatterElements: Operator<{ readonly width: number }> = {
  shape: ([x = []], { width }) => [at(x, 0), width],
  gradient: (g, { inputs }, dy) => [g.take(dy, at(inputs, 1)), null],
  compute(inputs, { width }, shape) {
    const [x, ids] = [at(inputs, 0), at(inputs, 1)];
    const out = new Float32Array(elementCount(shape));
    ids.data.forEach((id, row) => {
      out[row * width + id] = x.data[row]!;
    });
    return out;
  },
  onnx: (out, [x = '', ids = ''], { output }) => out.scatterElements(out.zeros(output.shape), ids, x),
  onnxOnto: (out, base, [x = '', ids = '']) => out.scatterElements(base, ids, x),
};

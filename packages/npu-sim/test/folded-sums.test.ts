import { GraphBuilder } from '@cairn/graph';
import type { Tensor, Value } from '@cairn/graph';
import { expect, test } from 'vitest';
import { disagreements } from './disagreements.ts';
import type { Tensors } from './disagreements.ts';

/** x [2, 2], y [2, 2], b [2], wide [3, 2, 2]; ids [2]. */
type Terms = Readonly<Record<'x' | 'y' | 'b' | 'wide' | 'ids', Value>>;

test.each<[string, (g: GraphBuilder, terms: Terms) => Readonly<Record<string, Value>>]>([
  ['a product', (g, { x, y }) => ({ sum: g.add(x, g.matmul(x, y)) })],
  ['a product on the left', (g, { x, y }) => ({ sum: g.add(g.matmul(x, y, { a: true }), x) })],
  ['two products', (g, { x, y }) => ({ sum: g.add(g.matmul(x, y), g.matmul(y, x)) })],
  ['a product twice', (g, { x, y }) => ({ sum: [g.matmul(x, y)].reduce((_, m) => g.add(m, m), x) })],
  ['a product onto a row', (g, { x, y, b }) => ({ sum: g.add(b, g.matmul(x, y)) })],
  ['a product onto something wider', (g, { x, y, wide }) => ({ sum: g.add(wide, g.matmul(x, y)) })],
  ['scattered rows', (g, { x, y, ids }) => ({ sum: g.add(x, g.apply('scatterRows', [y, ids], { rows: 2 })) })],
  [
    'rows onto something wider',
    (g, { wide, y, ids }) => ({
      sum: g.add(wide, g.apply('scatterRows', [y, ids], { rows: 2 })),
    }),
  ],
])('a sum with %s is right, whether it becomes one node or not, and where the term is used again', async (_, build) => {
  const inputs: Tensors = new Map<string, Tensor>([
    ['x', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 5) }],
    ['y', { shape: [2, 2], data: Float32Array.of(0.5, -1, 4, 7) }],
    ['b', { shape: [2], data: Float32Array.of(10, 20) }],
    ['wide', { shape: [3, 2, 2], data: Float32Array.from({ length: 12 }, (_element, i) => i * i) }],
    ['ids', { shape: [2], data: Int32Array.of(1, 1) }],
  ]);
  const g = new GraphBuilder();
  const input = (name: string): Value =>
    g.input(name, inputs.get(name)?.shape ?? [], name === 'ids' ? 'int32' : 'float32');
  const outputs = build(g, { x: input('x'), y: input('y'), b: input('b'), wide: input('wide'), ids: input('ids') });
  const terms = g.nodes.filter(({ op }) => op !== 'add').map(({ output }, i) => [`term${i}`, output] as const);
  expect(await disagreements(g.build(outputs), inputs)).toEqual([]);
  expect(await disagreements(g.build({ ...outputs, ...Object.fromEntries(terms) }), inputs)).toEqual([]);
});

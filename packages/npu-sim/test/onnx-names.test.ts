import { GraphBuilder, toOnnx } from '@cairn/graph';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';

test('inputs and outputs may have any names, also those that nodes and constants are given', async () => {
  const g = new GraphBuilder();
  const doubled = g.scale(g.add(g.input('t0', [2]), g.input('const.f2', [2])), 2);
  const wide = g.broadcast(g.exp(doubled), [1, 2]);
  const model = toOnnx(g.build({ t2: doubled, "t0'": g.sum(wide, [0, 1]), 'const.i1_2': wide }));
  const session = await InferenceSession.create(model);
  const one = (x: number): Tensor => new Tensor('float32', Float32Array.of(x, 0), [2]);
  const found = await session.run({ t0: one(1), 'const.f2': one(-1) });
  await session.release();
  expect(found['t2']?.data).toEqual(Float32Array.of(0, 0));
  expect(found["t0'"]?.data).toEqual(Float32Array.of(2));
  expect(found['const.i1_2']?.data).toEqual(Float32Array.of(1, 1));
});

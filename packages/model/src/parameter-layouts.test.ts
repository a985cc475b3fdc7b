import { ALONE, sliceShape } from '@cairn/strategy';
import type { Layout, ParallelSpec } from '@cairn/strategy';
import { expect, test } from 'vitest';
import { FLOAT32 } from './llama.ts';
import type { LlamaSpec } from './llama.ts';
import { checkCuts, parameterLayout, stagesOfParameter } from './parameter-layouts.ts';
import { parametersOf } from './parameters.ts';

/** Llama2-7B in float32. */
const LLAMA: LlamaSpec = {
  vocabulary: 32000,
  hidden: 4096,
  layers: 2,
  heads: 32,
  kvHeads: 32,
  ffn: 11008,
  seqLength: 4096,
  normEps: 1e-5,
  theta: 10000,
  rotaryScaling: { kind: 'none' },
  qkvBias: true,
  outputBias: true,
  tiedEmbedding: false,
  padTokenId: 0,
  ignoreTokenId: -100,
  initStd: 0.01,
  precision: FLOAT32,
};

const WHOLE_COPIES = { thresholdBytes: 64 * 1024, size: -1 };

function layout(name: string, parallel: Partial<ParallelSpec>, spec: LlamaSpec = LLAMA): Layout {
  return parameterLayout(named(name, spec), spec, { ...ALONE, ...parallel });
}

function slice(name: string, parallel: Partial<ParallelSpec>, spec: LlamaSpec = LLAMA): readonly number[] {
  return sliceShape(layout(name, parallel, spec), named(name, spec).shape);
}

function named(name: string, spec: LlamaSpec): ReturnType<typeof parametersOf>[number] {
  const found = parametersOf(spec).find((parameter) => parameter.name === name);
  if (found === undefined) throw new Error(`no parameter ${name}`);
  return found;
}

const WQ = 'model.layers.0.attention.wq.weight';
const WO = 'model.layers.0.attention.wo.weight';
const EMBEDDING = 'model.tok_embeddings.embedding_weight';

test('projections into heads and the feed-forward network are cut by rows, those out of them by columns', () => {
  const parallel = { dataParallel: 2, modelParallel: 4 };
  expect(layout(WQ, parallel)).toMatchObject({ deviceMatrix: [2, 4], tensorMap: [0, -1] });
  expect(slice(WQ, parallel)).toEqual([1024, 4096]);
  expect(slice('model.layers.0.attention.wq.bias', parallel)).toEqual([1024]);
  expect(slice(WO, parallel)).toEqual([4096, 1024]);
  expect(slice('model.layers.0.attention.wo.bias', parallel)).toEqual([4096]);
  expect(slice('model.layers.1.feed_forward.w1.weight', parallel)).toEqual([2752, 4096]);
  expect(slice('model.layers.1.feed_forward.w2.weight', parallel)).toEqual([4096, 2752]);
  expect(slice('model.layers.1.ffn_norm.weight', parallel)).toEqual([4096]);
});

test('the optimizer cuts what the model cut by rows once more', () => {
  const sharded = { optimizerShards: WHOLE_COPIES };
  expect(slice(WQ, { dataParallel: 8, ...sharded })).toEqual([512, 4096]);
  expect(slice(WQ, { dataParallel: 2, modelParallel: 4, ...sharded })).toEqual([512, 4096]);
  expect(slice(WO, { dataParallel: 2, modelParallel: 4, ...sharded })).toEqual([2048, 1024]);
  expect(layout(WO, { dataParallel: 2, modelParallel: 4, ...sharded })).toMatchObject({
    optimizerShardSize: -1,
    optimizerShardStep: 4,
  });
});

test('the optimizer leaves embedding, norms, biases and small weights whole', () => {
  const parallel = { dataParallel: 8, optimizerShards: WHOLE_COPIES };
  for (const name of [EMBEDDING, 'model.norm_out.weight', 'model.layers.0.attention.wq.bias'])
    expect(slice(name, parallel)).toEqual(named(name, LLAMA).shape);
  const large = { dataParallel: 8, optimizerShards: { thresholdBytes: 4096 * 4096 * 4 + 1, size: -1 } };
  expect(slice(WQ, large)).toEqual([4096, 4096]);
});

test('optimizer pieces that do not divide the copies, or the rows, are not made', () => {
  expect(layout(WQ, { dataParallel: 4, optimizerShards: { thresholdBytes: 0, size: 3 } }).optimizerShardSize).toBe(0);
  const odd = { ...LLAMA, hidden: 4098, heads: 3, kvHeads: 3 };
  expect(layout(WQ, { dataParallel: 4, optimizerShards: WHOLE_COPIES }, odd).optimizerShardSize).toBe(0);
});

test('more optimizer pieces than copies are as many as the copies', () => {
  const parallel = { dataParallel: 4, modelParallel: 2, optimizerShards: { thresholdBytes: 0, size: 8 } };
  expect(layout(WQ, parallel)).toMatchObject({ optimizerShardSize: 4, optimizerShardStep: 2 });
});

test('the vocabulary is cut where it divides and is not kept whole', () => {
  expect(slice(EMBEDDING, { modelParallel: 4 })).toEqual([8000, 4096]);
  expect(slice('lm_head.weight', { modelParallel: 4 })).toEqual([8000, 4096]);
  expect(slice(EMBEDDING, { modelParallel: 4, vocabularyWhole: true })).toEqual([32000, 4096]);
  const odd = { ...LLAMA, vocabulary: 32001 };
  expect(slice(EMBEDDING, { modelParallel: 4 }, odd)).toEqual([32001, 4096]);
  expect(layout(EMBEDDING, { modelParallel: 4 }, odd)).toMatchObject({ deviceMatrix: [4], tensorMap: [-1, -1] });
});

test('the embedding is cut along the context too, the head is not', () => {
  const parallel = { dataParallel: 2, contextParallel: 2, modelParallel: 4 };
  expect(layout(EMBEDDING, parallel)).toMatchObject({ deviceMatrix: [2, 8], tensorMap: [0, -1] });
  expect(layout('lm_head.weight', parallel)).toMatchObject({ deviceMatrix: [4, 4], tensorMap: [0, -1] });
});

test('on one rank nothing is cut', () => {
  for (const parameter of parametersOf(LLAMA))
    expect(parameterLayout(parameter, LLAMA, ALONE)).toMatchObject({ deviceMatrix: [1], optimizerShardSize: 0 });
});

test('embedding and head lie on the first and the last stage, a tied embedding on both', () => {
  const stages = (name: string, spec = LLAMA): readonly number[] =>
    stagesOfParameter(named(name, spec), spec, [0, 1], 2);
  expect(stages(EMBEDDING)).toEqual([0]);
  expect(stages('model.layers.1.attention.wq.weight')).toEqual([1]);
  expect(stages('lm_head.weight')).toEqual([1]);
  expect(stages(EMBEDDING, { ...LLAMA, tiedEmbedding: true })).toEqual([0, 1]);
});

test('sizes that do not divide by the cuts are refused with the key at fault', () => {
  const grouped = { ...LLAMA, kvHeads: 4 };
  expect(() => {
    checkCuts(grouped, { ...ALONE, modelParallel: 8 });
  }).toThrow(
    expect.objectContaining({
      message: '4 key/value heads cannot be cut into 8: take a divisor',
      path: ['parallel_config', 'model_parallel'],
    }),
  );
  expect(() => {
    checkCuts(LLAMA, { ...ALONE, contextParallel: 3 });
  }).toThrow(expect.objectContaining({ path: ['parallel_config', 'context_parallel'] }));
});

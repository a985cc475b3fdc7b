import { describe, expect, test } from 'vitest';
import type { LlamaSpec } from '../src/index.ts';
import { FLOAT32, parametersOf } from '../src/index.ts';
import { tinyLlama } from './tiny-llama.ts';

/** Names and shapes as lines, `name [shape]`. */
function listed(spec: LlamaSpec): readonly string[] {
  return parametersOf(spec).map(({ name, shape }) => `${name} [${shape}]`);
}

test('names, shapes and order are those of a network file that MindFormers 1.3.2 wrote', () => {
  const spec = tinyLlama({ vocabulary: 64, hidden: 32, heads: 4, kvHeads: 4, ffn: 40, layers: 1 });
  expect(listed(spec)).toEqual([
    'model.tok_embeddings.embedding_weight [64,32]',
    'model.layers.0.ffn_norm.weight [32]',
    'model.layers.0.attention_norm.weight [32]',
    'model.layers.0.attention.wq.weight [32,32]',
    'model.layers.0.attention.wk.weight [32,32]',
    'model.layers.0.attention.wv.weight [32,32]',
    'model.layers.0.attention.wo.weight [32,32]',
    'model.layers.0.feed_forward.w1.weight [40,32]',
    'model.layers.0.feed_forward.w2.weight [32,40]',
    'model.layers.0.feed_forward.w3.weight [40,32]',
    'model.norm_out.weight [32]',
    'lm_head.weight [64,32]',
  ]);
});

test('grouped heads narrow keys and values; each bias lies behind its weight', () => {
  const spec = tinyLlama({ hidden: 12, heads: 6, kvHeads: 2, qkvBias: true, outputBias: true, layers: 1 });
  const attention = listed(spec).filter((line) => line.includes('.attention.'));
  expect(attention.map((line) => line.replace('model.layers.0.attention.', ''))).toEqual([
    'wq.weight [12,12]',
    'wq.bias [12]',
    'wk.weight [4,12]',
    'wk.bias [4]',
    'wv.weight [4,12]',
    'wv.bias [4]',
    'wo.weight [12,12]',
    'wo.bias [12]',
  ]);
});

test('a tied embedding has no head of its own', () => {
  expect(listed(tinyLlama({ tiedEmbedding: true }))).not.toContain('lm_head.weight [19,12]');
  expect(listed(tinyLlama())).toContain('lm_head.weight [19,12]');
});

test('Qwen1.5 of 0.5B has 619,570,176 parameters', () => {
  const spec = tinyLlama({
    vocabulary: 151_936,
    hidden: 1024,
    layers: 24,
    heads: 16,
    kvHeads: 16,
    ffn: 2816,
    qkvBias: true,
  });
  const count = parametersOf(spec).reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
  expect(count).toBe(2 * 151_936 * 1024 + 24 * (4 * 1024 ** 2 + 3 * 1024 + 3 * 1024 * 2816 + 2 * 1024) + 1024);
  expect(count).toBe(619_570_176);
});

describe('of each parameter', () => {
  const spec = tinyLlama({
    qkvBias: true,
    outputBias: true,
    precision: { ...FLOAT32, parameters: 'Float16', embedding: 'BFloat16', layernorm: 'Float32' },
  });
  const byName = new Map(parametersOf(spec).map((parameter) => [parameter.name, parameter]));
  const of = (name: string) => byName.get(name);

  test('the index is its place in the order', () => {
    expect(parametersOf(spec).map(({ index }) => index)).toEqual([...byName.keys()].map((_, i) => i));
  });

  test('the place is its layer, or before or behind the layers', () => {
    expect(of('model.tok_embeddings.embedding_weight')?.place).toBe('first');
    expect(of('model.layers.1.feed_forward.w3.weight')?.place).toBe(1);
    expect(of('model.norm_out.weight')?.place).toBe('last');
    expect(of('lm_head.weight')?.place).toBe('last');
  });

  test('weights have the type of parameters, the embedding its own, norms that of norms', () => {
    expect(of('model.layers.0.attention.wq.bias')?.dtype).toBe('Float16');
    expect(of('lm_head.weight')?.dtype).toBe('Float16');
    expect(of('model.tok_embeddings.embedding_weight')?.dtype).toBe('BFloat16');
    expect(of('model.layers.0.ffn_norm.weight')?.dtype).toBe('Float32');
  });

  test('what is fresh: norms are ones, biases zeros, weights drawn', () => {
    expect(of('model.norm_out.weight')?.init).toBe('ones');
    expect(of('model.layers.1.attention.wv.bias')?.init).toBe('zeros');
    expect(of('model.layers.1.attention.wv.weight')?.init).toBe('normal');
    expect(of('model.tok_embeddings.embedding_weight')?.init).toBe('normal');
  });

  test('only matrices behind the embedding may be cut by the optimizer', () => {
    const shared = [...byName.values()].filter(({ optimizerShards }) => optimizerShards).map(({ name }) => name);
    const matrices = [...byName.values()].filter(({ shape }) => shape.length === 2).map(({ name }) => name);
    expect(['model.tok_embeddings.embedding_weight', ...shared]).toEqual(matrices);
  });

  test.each([
    ['model.tok_embeddings.embedding_weight', 0],
    ['model.layers.0.attention.wq.weight', 0],
    ['model.layers.0.attention.wq.bias', 0],
    ['model.layers.0.attention.wo.weight', 1],
    ['model.layers.0.attention.wo.bias', null],
    ['model.layers.0.feed_forward.w1.weight', 0],
    ['model.layers.0.feed_forward.w2.weight', 1],
    ['model.layers.0.feed_forward.w3.weight', 0],
    ['model.layers.0.ffn_norm.weight', null],
    ['lm_head.weight', 0],
  ])('tensor parallelism cuts %s at axis %s', (name, axis) => {
    expect(of(name)?.modelAxis).toBe(axis);
  });
});

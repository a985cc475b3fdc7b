import fs from 'node:fs';
import path from 'node:path';
import { indexCheckpoint, readTensor } from '@cairn/ckpt-format';
import {
  aloneWith,
  checkSpec,
  constantTables,
  FLOAT32,
  llamaProgram,
  lossMask,
  parametersOf,
  unitInputs,
} from '@cairn/model';
import type { LlamaSpec } from '@cairn/model';
import { Device } from '@cairn/npu-sim';
import { clipFactor, gradientSquares, updateParameter } from '@cairn/optim';
import type { OptimizerSpec } from '@cairn/optim';
import { openFile } from '@cairn/storage';
import { expect, onTestFinished, test } from 'vitest';
import { GOLDEN } from './run-cairn.ts';

/** What Hugging Face's model computed. */
interface Expected {
  readonly loss_masked: number;
  readonly max_abs_diff_float32_float64: number;
  readonly grad_norms: Readonly<Record<string, number>>;
  readonly adamw: {
    readonly lr: number;
    readonly betas: readonly [number, number];
    readonly eps: number;
    readonly weight_decay: number;
    readonly steps: readonly { readonly loss: number; readonly global_norm_before_clip: number }[];
  };
}

type Tensors = ReadonlyMap<string, { readonly shape: readonly number[]; readonly bytes: ArrayBuffer }>;

async function tensorsOf(file: string): Promise<Tensors> {
  const source = openFile(file);
  const { entries } = await indexCheckpoint(source, 'safetensors');
  const tensors = new Map<string, { shape: readonly number[]; bytes: ArrayBuffer }>();
  for (const entry of entries) {
    if (entry.kind !== 'tensor') continue;
    const content = await readTensor(source, entry);
    tensors.set(entry.name, { shape: entry.shape, bytes: content.slice().buffer });
  }
  await source.close();
  return tensors;
}

/** Our name of a parameter → Hugging Face's. */
function theirName(name: string): string {
  const names: readonly (readonly [RegExp | string, string])[] = [
    ['tok_embeddings.embedding_weight', 'embed_tokens.weight'],
    ['norm_out', 'norm'],
    ['attention_norm', 'input_layernorm'],
    ['ffn_norm', 'post_attention_layernorm'],
    [/attention\.w([qkvo])/, 'self_attn.$1_proj'],
    ['feed_forward.w1', 'mlp.gate_proj'],
    ['feed_forward.w2', 'mlp.down_proj'],
    ['feed_forward.w3', 'mlp.up_proj'],
  ];
  return names.reduce((text, [from, to]) => text.replace(from, to), name);
}

function specOf(config: Record<string, number | boolean | string>, seqLength: number): LlamaSpec {
  const number = (key: string): number => Number(config[key]);
  return checkSpec({
    vocabulary: number('vocab_size'),
    hidden: number('hidden_size'),
    layers: number('num_hidden_layers'),
    heads: number('num_attention_heads'),
    kvHeads: number('num_key_value_heads'),
    ffn: number('intermediate_size'),
    seqLength,
    normEps: number('rms_norm_eps'),
    theta: number('rope_theta'),
    rotaryScaling: { kind: 'none' },
    qkvBias: config['model_type'] === 'qwen2',
    outputBias: false,
    tiedEmbedding: config['tie_word_embeddings'] === true,
    padTokenId: -1,
    ignoreTokenId: -100,
    initStd: 0.01,
    precision: FLOAT32,
  });
}

/** A model of Hugging Face on a device, with the batch it was given. */
async function loaded(name: string) {
  const folder = path.join(GOLDEN, 'hf', name);
  const json = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
  const weights = await tensorsOf(path.join(folder, 'model.safetensors'));
  const data = await tensorsOf(path.join(folder, 'expected.safetensors'));
  const [rows = 0, wide = 0] = data.get('input_ids')!.shape;
  const spec = specOf(json('config.v4.json') as Record<string, number>, wide - 1);
  const place = aloneWith(spec, rows, 1, false);
  const device = await Device.compile(llamaProgram(spec, place));
  onTestFinished(() => device.release());
  const parameters = parametersOf(spec).map((model) => {
    const values = device.memory.floats(model.name);
    values.set(new Float32Array(weights.get(theirName(model.name))!.bytes));
    return { ...model, their: theirName(model.name), values, gradient: device.memory.floats(`d.${model.name}`) };
  });
  device.memory.fill(constantTables(spec, place));
  const ids = (of: string): Int32Array => new Int32Array(data.get(of)!.bytes);
  const batch = { inputIds: ids('input_ids'), labels: ids('labels') };
  const maskTotal = lossMask(spec, batch).reduce((sum, weight) => sum + weight, 0);
  const inputs = unitInputs(spec, place, batch, { maskTotal, share: 1 });
  const step = async (): Promise<number> =>
    (await device.step(() => new Map([...inputs, ['d.loss', Float32Array.of(1)]])))[0]!;
  return { expected: json('expected.json') as Expected, data, parameters, step };
}

const MODELS = ['llama-gqa', 'qwen2', 'qwen2-tied'];

test.each(MODELS)('%s: loss and gradients of Hugging Face', async (name) => {
  const { expected, data, parameters, step } = await loaded(name);
  const tolerance = 20 * expected.max_abs_diff_float32_float64;
  expect(Math.abs((await step()) - expected.loss_masked)).toBeLessThan(tolerance);
  expect(Object.keys(expected.grad_norms).sort()).toEqual(parameters.map(({ their }) => their).sort());
  for (const { their, gradient } of parameters) {
    const norm = Math.hypot(...gradient);
    expect(Math.abs(norm - expected.grad_norms[their]!), their).toBeLessThan(tolerance * Math.max(1, norm));
    const wanted = data.get(`grad.${their}`);
    if (wanted === undefined) continue;
    for (const [i, value] of new Float32Array(wanted.bytes).entries()) {
      expect(Math.abs(gradient[i]! - value), `${their}[${i}]`).toBeLessThan(tolerance);
    }
  }
});

test.each(MODELS)("%s: six steps of PyTorch's AdamW with clipping", async (name) => {
  const { expected, parameters, step } = await loaded(name);
  const { lr, betas, eps, weight_decay: weightDecay, steps } = expected.adamw;
  const rule: OptimizerSpec = { rule: 'AdamW', beta1: betas[0], beta2: betas[1], eps, weightDecay };
  const trained = parameters.map(({ name, values, gradient }) => {
    const zeros = (): Float32Array => new Float32Array(values.length);
    // There every parameter decays.
    return { name, dtype: 'Float32' as const, decays: true, values, gradient, m: zeros(), v: zeros() };
  });
  for (const [globalStep, wanted] of steps.entries()) {
    const loss = await step();
    const norm = Math.sqrt(gradientSquares(trained, 1));
    expect(Math.abs(loss - wanted.loss), `loss ${globalStep}`).toBeLessThan(2e-4);
    expect(Math.abs(norm - wanted.global_norm_before_clip), `norm ${globalStep}`).toBeLessThan(2e-4);
    const gradientScale = clipFactor(norm, 1);
    for (const each of trained) updateParameter(rule, each, { learningRate: lr, globalStep, gradientScale });
  }
});

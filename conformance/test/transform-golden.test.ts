import fs from 'node:fs';
import path from 'node:path';
import type { CheckpointFormat } from '@cairn/ckpt-format';
import { indexCheckpoint, readTensor } from '@cairn/ckpt-format';
import { applyTransformation, planOptions, verifyTransformation } from '@cairn/runtime/transform';
import { openFile } from '@cairn/storage';
import type { TransformOptions } from '@cairn/transform';
import { describe, expect, test } from 'vitest';
import { GOLDEN, workFolder } from './run-cairn.ts';

const CASES = path.join(GOLDEN, 'transform');

interface GoldenCase {
  readonly src_strategy: string | null;
  readonly dst_strategy: string | null;
  /** By rank; empty where the real package could not do it. */
  readonly real_output: Readonly<
    Record<string, { readonly files: readonly string[]; readonly names: readonly string[] }>
  >;
}

type Expected = Readonly<Record<string, Readonly<Record<string, { dtype: string; shape: number[]; data: string }>>>>;

function readJson(...names: readonly string[]): unknown {
  return JSON.parse(fs.readFileSync(path.join(CASES, ...names), 'utf8'));
}

/** What the golden data says of a case; the manifest describes it. */
function goldenCase(name: string): { of: GoldenCase; expected: Expected } {
  return { of: readJson(name, 'case.json') as GoldenCase, expected: readJson(name, 'expected.json') as Expected };
}

function optionsFor(name: string, source: string, destination: string, format: CheckpointFormat): TransformOptions {
  const { of } = goldenCase(name);
  const strategy = (file: string | null): string | null => file && path.join(CASES, name, file);
  return {
    srcCheckpoint: source,
    srcStrategy: strategy(of.src_strategy),
    dstCheckpoint: destination,
    dstStrategy: strategy(of.dst_strategy),
    prefix: 'dst',
    rankId: null,
    worldSize: null,
    processNum: 1,
    byRank: false,
    step: null,
    outputFormat: format,
    unifiedPartBytes: null,
    memoryBytes: 2 ** 30,
  };
}

async function transform(options: TransformOptions): Promise<void> {
  const transformation = await planOptions(options);
  await applyTransformation(transformation, { jobs: 1, memoryBytes: options.memoryBytes });
  expect(await verifyTransformation(transformation)).toMatchObject({ flaws: [] });
}

/** What a file holds: names in its order, and contents as the expectation has them. */
async function contentsOf(
  file: string,
): Promise<Record<string, { dtype: string; shape: readonly number[]; data: string }>> {
  const source = openFile(file);
  const { entries } = await indexCheckpoint(source, file.endsWith('.ckpt') ? 'ckpt' : 'safetensors');
  const contents: Record<string, { dtype: string; shape: readonly number[]; data: string }> = {};
  for (const entry of entries) {
    if (entry.kind !== 'tensor') continue;
    const { name, dtype, shape } = entry;
    contents[name] = { dtype, shape, data: Buffer.from(await readTensor(source, entry)).toString('base64') };
  }
  await source.close();
  return contents;
}

describe.each(fs.readdirSync(CASES).filter((name) => name.startsWith('case_')))('%s', (name) => {
  const { of, expected } = goldenCase(name);

  test('every rank holds what direct slicing gives, in the real order of names', async () => {
    const destination = workFolder();
    await transform(optionsFor(name, path.join(CASES, name, 'src'), destination, 'ckpt'));
    for (const [folder, tensors] of Object.entries(expected)) {
      const rank = folder.slice('rank_'.length);
      const file = path.join(destination, folder, `dst${rank}.ckpt`);
      const contents = await contentsOf(file);
      expect(contents).toEqual(tensors);
      const real = of.real_output[rank];
      if (real !== undefined) expect(Object.keys(contents)).toEqual(real.names);
      if (real === undefined || name === 'case_0010') continue;
      const bytes = fs.readFileSync(path.join(CASES, name, 'dst', real.files[0]!));
      expect(fs.readFileSync(file).equals(bytes), 'the file is the real one to the byte').toBe(true);
    }
    expect(fs.readdirSync(destination).toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  test('the same through safetensors: read from them, written to them', async () => {
    const root = workFolder();
    const unchanged = { ...optionsFor(name, path.join(CASES, name, 'src'), `${root}/src`, 'safetensors') };
    for (const rank of fs.readdirSync(unchanged.srcCheckpoint)) {
      const srcCheckpoint = path.join(unchanged.srcCheckpoint, rank, `src${rank.slice('rank_'.length)}.ckpt`);
      const dstCheckpoint = path.join(root, 'converted', rank);
      await transform({
        ...unchanged,
        srcCheckpoint,
        srcStrategy: null,
        dstStrategy: null,
        dstCheckpoint,
        prefix: 'src',
      });
      fs.mkdirSync(path.join(root, 'src', rank), { recursive: true });
      fs.renameSync(
        path.join(dstCheckpoint, 'rank_0/src0.safetensors'),
        path.join(root, 'src', rank, 'src.safetensors'),
      );
    }
    await transform(optionsFor(name, `${root}/src`, `${root}/dst`, 'safetensors'));
    for (const [folder, tensors] of Object.entries(expected)) {
      const file = path.join(root, 'dst', folder, `dst${folder.slice('rank_'.length)}.safetensors`);
      expect(await contentsOf(file)).toEqual(tensors);
    }
  });
});

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TensorSpec } from '@cairn/ckpt-format';
import { layoutCkpt } from '@cairn/ckpt-format';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { applyTransformation, planTransformation, verifyTransformation } from '../src/transform/index.ts';
import type { Applied, Transformation } from '../src/transform/index.ts';
import { isRunError } from '../src/index.ts';

const MIB = 2 ** 20;

function workFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-transform-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A `.ckpt` whose contents are holes: large, and made at once. */
function writeSparse(file: string, tensors: readonly Omit<TensorSpec, 'kind'>[]): void {
  const layout = layoutCkpt(tensors.map((tensor) => ({ kind: 'tensor', ...tensor })));
  const descriptor = fs.openSync(file, 'w');
  for (const { parts } of layout.entries) {
    for (const { header, headerOffset } of parts) fs.writeSync(descriptor, header, 0, header.length, headerOffset);
  }
  fs.ftruncateSync(descriptor, layout.bytes);
  fs.closeSync(descriptor);
}

/** Twenty tensors of 8 MiB in one file, to be copied as they are. */
async function copyOf160MiB(): Promise<{ source: string; target: string; plan: () => Promise<Transformation> }> {
  const folder = workFolder();
  const source = path.join(folder, 'model.ckpt');
  const names = Array.from({ length: 20 }, (_, i) => `layers.${i}.weight`);
  writeSparse(
    source,
    names.map((name) => ({ name, dtype: 'Float32', shape: [2048, 1024] })),
  );
  const destination = path.join(folder, 'dst');
  const question = { source, from: null, to: null, destination, prefix: 'x_', ranks: null, step: null };
  const plan = async (): Promise<Transformation> =>
    planTransformation({ ...question, format: null, unifiedPartBytes: null });
  return { source, target: path.join(destination, 'rank_0/x_0.ckpt'), plan };
}

async function apply(transformation: Transformation, stopAfterBytes = Infinity): Promise<Applied> {
  const controller = new AbortController();
  let written = 0;
  return applyTransformation(transformation, {
    jobs: 1,
    memoryBytes: 4096 * MIB,
    signal: controller.signal,
    onBytes: (bytes) => {
      written += bytes;
      if (written > stopAfterBytes) controller.abort();
    },
  });
}

/** What lies in a folder, hidden or not. */
function namesBeside(file: string): readonly string[] {
  return fs.readdirSync(path.dirname(file)).toSorted();
}

describe('an apply that was interrupted', () => {
  test('is gone on with where its journal ends', async () => {
    const { source, target, plan } = await copyOf160MiB();
    await expect(apply(await plan(), 120 * MIB)).rejects.toThrow(/abort/i);
    expect(namesBeside(target)).toEqual(['.x_0.ckpt.transform-part', '.x_0.ckpt.transform-part.journal']);
    const applied = await apply(await plan());
    expect(applied.keptBytes).toBeGreaterThanOrEqual(48 * MIB);
    expect(fs.readFileSync(target).equals(fs.readFileSync(source))).toBe(true);
    expect(namesBeside(target)).toEqual(['x_0.ckpt', 'x_0.ckpt.cairn.json']);
    expect(await verifyTransformation(await plan())).toEqual({ tensors: 20, flaws: [] });
  });

  test('goes on before what was damaged since', async () => {
    const { source, target, plan } = await copyOf160MiB();
    await expect(apply(await plan(), 120 * MIB)).rejects.toThrow(/abort/i);
    const part = path.join(path.dirname(target), '.x_0.ckpt.transform-part');
    const descriptor = fs.openSync(part, 'r+');
    fs.writeSync(descriptor, Uint8Array.of(1), 0, 1, 20 * MIB);
    fs.closeSync(descriptor);
    const applied = await apply(await plan());
    expect(applied.keptBytes).toBeGreaterThan(0);
    expect(applied.keptBytes).toBeLessThan(20 * MIB);
    expect(fs.readFileSync(target).equals(fs.readFileSync(source))).toBe(true);
  });

  test('begins anew when the source has changed', async () => {
    const { source, target, plan } = await copyOf160MiB();
    await expect(apply(await plan(), 120 * MIB)).rejects.toThrow(/abort/i);
    const descriptor = fs.openSync(source, 'r+');
    fs.writeSync(descriptor, Uint8Array.of(1), 0, 1, 20 * MIB);
    fs.closeSync(descriptor);
    const applied = await apply(await plan());
    expect(applied.keptBytes).toBe(0);
    expect(fs.readFileSync(target).equals(fs.readFileSync(source))).toBe(true);
  });
});

describe('files that are there already', () => {
  test('are kept when they are what the plan makes', async () => {
    const { target, plan } = await copyOf160MiB();
    await apply(await plan());
    const { mtimeMs } = fs.statSync(target);
    const again = await apply(await plan());
    expect(again).toMatchObject({ writtenBytes: 0, keptBytes: fs.statSync(target).size });
    expect(fs.statSync(target).mtimeMs).toBe(mtimeMs);
  });

  test('are written again when they were damaged; verify names the tensor', async () => {
    const { source, target, plan } = await copyOf160MiB();
    await apply(await plan());
    fs.chmodSync(target, 0o600);
    const descriptor = fs.openSync(target, 'r+');
    fs.writeSync(descriptor, Uint8Array.of(1), 0, 1, 20 * MIB);
    fs.closeSync(descriptor);
    const { flaws } = await verifyTransformation(await plan());
    expect(flaws).toEqual([
      { tensor: 'layers.2.weight', file: null, why: expect.stringContaining('not those of the') },
    ]);
    expect((await apply(await plan())).keptBytes).toBe(0);
    expect(fs.readFileSync(target).equals(fs.readFileSync(source))).toBe(true);
  });
});

describe('the medium', () => {
  /** Files of about 8 MiB out of one of 160. */
  async function manyParts(): Promise<{ folder: string; plan: () => Promise<Transformation> }> {
    const { source, target } = await copyOf160MiB();
    const folder = path.dirname(path.dirname(target));
    const question = { source, from: null, to: null, destination: folder, prefix: 'x_', ranks: null, step: null };
    const plan = async (): Promise<Transformation> =>
      planTransformation({ ...question, format: 'safetensors', unifiedPartBytes: 9 * MIB });
    return { folder, plan };
  }

  test('is waited for at the end: files appear once they are on it, the next two are written meanwhile', async () => {
    const { folder, plan } = await manyParts();
    const held: (() => void)[] = [];
    const { fsync } = fs;
    const slow = vi.spyOn(fs, 'fsync').mockImplementation((descriptor, done) => {
      held.push(() => fsync(descriptor, done));
    });
    onTestFinished(() => slow.mockRestore());
    const applied = apply(await plan());
    await vi.waitFor(() => expect(held).toHaveLength(3), { timeout: 20_000 });
    expect(fs.readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual([]);
    slow.mockRestore();
    for (const go of held) go();
    await applied;
    expect(await verifyTransformation(await plan())).toMatchObject({ flaws: [] });
  });

  test('that fails is told with the file, which another apply writes anew', async () => {
    const { folder, plan } = await manyParts();
    const { fsync } = fs;
    let flushes = 0;
    const failing = vi.spyOn(fs, 'fsync').mockImplementation((descriptor, done) => {
      if (flushes++ > 0) fsync(descriptor, done);
      else done(Object.assign(new Error('EIO'), { code: 'EIO' }));
    });
    onTestFinished(() => failing.mockRestore());
    const file = path.join(folder, 'part0.safetensors');
    await expect(apply(await plan())).rejects.toMatchObject({ name: 'StorageError', code: 'io', file });
    expect(fs.readdirSync(folder).filter((name) => name.includes('part0.'))).toEqual([
      '.part0.safetensors.transform-part.journal',
    ]);
    failing.mockRestore();
    await apply(await plan());
    expect(await verifyTransformation(await plan())).toMatchObject({ flaws: [] });
  });
});

test('a source that changes while it is read spoils nothing: the file does not appear', async () => {
  const { source, target, plan } = await copyOf160MiB();
  const transformation = await plan();
  fs.appendFileSync(source, 'x');
  await expect(apply(transformation)).rejects.toMatchObject({ code: 'source-changed' });
  expect(fs.existsSync(target)).toBe(false);
});

test('a disk that cannot hold the result is noticed before anything is written', async () => {
  const folder = workFolder();
  const source = path.join(folder, 'model.ckpt');
  const rows = Math.ceil(fs.statfsSync(folder).bavail / 2 ** 18) * 2 ** 18 + 2 ** 20;
  const pageBytes = fs.statfsSync(folder).bsize;
  writeSparse(source, [{ name: 'w', dtype: 'Int8', shape: [rows, pageBytes] }]);
  const destination = path.join(folder, 'dst');
  const question = { source, from: null, to: null, destination, prefix: 'x_', ranks: null, step: null };
  const transformation = await planTransformation({ ...question, format: null, unifiedPartBytes: null });
  const failure: unknown = await apply(transformation).catch((error: unknown) => error);
  expect(isRunError(failure) && [failure.code, failure.exitCode]).toEqual(['no-space', 6]);
  expect(fs.existsSync(destination)).toBe(false);
});

test('too little memory is refused with what is needed', async () => {
  const { plan } = await copyOf160MiB();
  const tooLittle = applyTransformation(await plan(), { jobs: 1, memoryBytes: 10 * MIB });
  await expect(tooLittle).rejects.toThrow(/--memory 11MB is not enough for 1 job: at least \d+MB are needed/);
});

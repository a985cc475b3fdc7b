import fs from 'node:fs';
import path from 'node:path';
import type { ElementType } from '@cairn/bytes';
import { tensorDigest } from '@cairn/bytes';
import { writeCkpt, writeSafetensors } from '@cairn/ckpt-format';
import { formatMeta, formatSideFile, sideFileName } from '@cairn/ckpt-format/folder';

export interface FileTensor {
  readonly kind: 'tensor';
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly content: Uint8Array;
}

/** A tensor of float32 values. */
export function floats(
  name: string,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): FileTensor {
  const content = new Uint8Array(Float32Array.from(values).buffer);
  return { kind: 'tensor', name, dtype: 'Float32', shape, content };
}

/** A tensor of the bytes of a typed array. */
export function tensorOf(
  name: string,
  dtype: ElementType,
  { buffer, length }: { buffer: ArrayBuffer; length: number },
): FileTensor {
  return { kind: 'tensor', name, dtype, shape: [length], content: new Uint8Array(buffer) };
}

/** The entries of a small checkpoint of that step. */
export function smallModel(step = 4): FileTensor[] {
  const stepNum = { ...tensorOf('step_num', 'Int64', BigInt64Array.of(BigInt(step))), shape: [] };
  return [floats('net.w', [1, 2, 3, 4, 5, 6], [2, 3]), floats('net.b', [0.5]), stepNum];
}

/** Writes a checkpoint file; the format follows its name. With `side`, its digests lie beside it. */
export async function writeFile(
  file: string,
  tensors: readonly FileTensor[],
  { crc = false, side = false }: { readonly crc?: boolean; readonly side?: boolean } = {},
): Promise<string> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const descriptor = fs.openSync(file, 'w');
  const sink = {
    write: (offset: number, bytes: Uint8Array) => void fs.writeSync(descriptor, bytes, 0, bytes.length, offset),
  };
  await (file.endsWith('.ckpt') ? writeCkpt(sink, tensors, { crc }) : writeSafetensors(sink, tensors, { crc }));
  fs.closeSync(descriptor);
  if (side) fs.writeFileSync(sideFileName(file), sideText(tensors));
  return file;
}

function sideText(tensors: readonly FileTensor[]): string {
  const digests = tensors.map(({ name, dtype, shape, content }) => [
    name,
    { digest: tensorDigest(dtype, shape, content), shape },
  ]);
  return formatSideFile({
    runId: 'run',
    parentRun: null,
    step: 4,
    epoch: 2,
    dataSteps: 4,
    sinkSize: 2,
    lossScale: { scale: 1, currentStep: 1, lastChangeStep: 0 },
    // As fromEntries types it.
    tensors: Object.fromEntries(digests) as Record<string, { digest: string; shape: readonly number[] }>,
  });
}

/** Writes the `meta.json` of a rank. */
export function writeMeta(root: string, rank: number, epoch: number): void {
  const lastFile = `x_rank_${rank}-${epoch}_2.ckpt`;
  fs.writeFileSync(path.join(root, `rank_${rank}/meta.json`), formatMeta({ lastEpoch: epoch, lastStep: 2, lastFile }));
}

/** Two ranks with two saves each, as a run leaves them. */
export async function writeRun(root: string): Promise<void> {
  for (const rank of [0, 1]) {
    for (const epoch of [1, 2]) {
      await writeFile(`${root}/rank_${rank}/x_rank_${rank}-${epoch}_2.ckpt`, smallModel(2 * epoch), { side: true });
    }
    writeMeta(root, rank, 2);
  }
}

/** Flips a bit of the content that begins with these bytes. */
export function flipBit(file: string, content: Uint8Array): number {
  const bytes = fs.readFileSync(file);
  const at = bytes.indexOf(content);
  bytes[at]! ^= 1;
  fs.writeFileSync(file, bytes);
  return at;
}

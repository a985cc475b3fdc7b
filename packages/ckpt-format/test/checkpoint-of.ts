import type { ElementType, FileInfo, Folder } from '@cairn/bytes';
import { elementBytes, elementCount, sourceOf, tensorDigest } from '@cairn/bytes';
import type { SideFile } from '../src/folder/index.ts';
import type { CheckpointFormat, TensorToWrite } from '../src/index.ts';
import { writeCkpt, writeSafetensors } from '../src/index.ts';
import { MemorySink } from './sources.ts';

export interface CheckpointSpec {
  /** Of `step_num`; none is written when absent. */
  readonly step?: number;
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  readonly format?: CheckpointFormat;
  readonly crc?: boolean;
}

/** A tensor of float32 values. */
export function floats(name: string, values: readonly number[], shape: readonly number[] = [values.length]) {
  const content = new Uint8Array(Float32Array.from(values).buffer);
  return { kind: 'tensor', name, dtype: 'Float32', shape, content } as const;
}

/** A tensor of any type with some content. */
export function tensorOf(name: string, dtype: ElementType, shape: readonly number[]): TensorToWrite {
  const bytes = elementCount(shape) * elementBytes(dtype);
  return { kind: 'tensor', name, dtype, shape, content: Uint8Array.from({ length: bytes }, (_, i) => (i * 7) & 127) };
}

/** What is in a checkpoint of {@link CheckpointSpec}. */
function tensorsFor({ step, weights = { 'net.w': [1, 2, 3], 'net.b': [4] } }: CheckpointSpec) {
  const tensors: TensorToWrite[] = Object.entries(weights).map(([name, values]) => floats(name, values));
  if (step !== undefined) {
    const content = new Uint8Array(BigInt64Array.of(BigInt(step)).buffer);
    tensors.push({ kind: 'tensor', name: 'step_num', dtype: 'Int64', shape: [], content });
  }
  return tensors;
}

/** The bytes of a checkpoint file. */
export async function checkpointOf(spec: CheckpointSpec = {}): Promise<Uint8Array<ArrayBuffer>> {
  const sink = new MemorySink();
  const write = spec.format === 'safetensors' ? writeSafetensors : writeCkpt;
  await write(sink, tensorsFor(spec), { crc: spec.crc ?? false });
  return sink.bytes;
}

/** What Cairn lays beside a checkpoint of the same spec. */
export function sideOf(spec: CheckpointSpec = {}): SideFile {
  const digests = tensorsFor(spec).map(({ name, dtype, shape, content }) => {
    // tensorsFor gives arrays, not streams.
    return [name, { digest: tensorDigest(dtype, shape, content as Uint8Array), shape }] as const;
  });
  return {
    runId: 'run',
    parentRun: null,
    step: spec.step ?? 0,
    epoch: 1,
    dataSteps: 0,
    sinkSize: null,
    lossScale: { scale: 1, currentStep: 1, lastChangeStep: 0 },
    tensors: Object.fromEntries(digests),
  };
}

/** A folder that holds these files; a text is stored as UTF-8. */
export function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Folder {
  const contents = new Map(
    Object.entries(files).map(([name, content]) => [
      name,
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    ]),
  );
  const refuse = (): Promise<never> => Promise.reject(new Error('this folder is only read'));
  return {
    location: 'memory',
    list: async (prefix = '') =>
      [...contents]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, bytes]): FileInfo => ({ name, bytes: bytes.length, modifiedMs: 7 }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    open: async (name) => ({ ...sourceOf(contents.get(name) ?? new Uint8Array(0)), close() {} }),
    create: refuse,
    commit: refuse,
    remove: refuse,
    free: refuse,
  };
}

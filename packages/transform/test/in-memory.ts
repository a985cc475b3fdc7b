import type { ByteSource, ElementType } from '@cairn/bytes';
import { elementBytes, elementCount, sourceOf } from '@cairn/bytes';
import type { CheckpointFormat, CheckpointIndex, EntryToWrite } from '@cairn/ckpt-format';
import { indexCheckpoint, readTensor, writeCkpt, writeSafetensors } from '@cairn/ckpt-format';
import type { StoredDigest } from '@cairn/ckpt-format/folder';
import type { SourceFile, TransformPlan, TransformRequest } from '../src/index.ts';
import { createWorkspace, planTransform, writePlannedFile } from '../src/index.ts';

/** A checkpoint in memory: the bytes of its files by rank. */
export type MemoryCheckpoint = ReadonlyMap<number, Uint8Array>;

/** A file's bytes. */
export async function fileOf(entries: readonly EntryToWrite[], format: CheckpointFormat = 'ckpt'): Promise<Uint8Array> {
  const file = growing();
  await (format === 'ckpt' ? writeCkpt(file, entries) : writeSafetensors(file, entries));
  return file.bytes();
}

/** A sink in memory. */
function growing(): { write(offset: number, bytes: Uint8Array): void; bytes(): Uint8Array } {
  let held = new Uint8Array(1024);
  let size = 0;
  return {
    write(offset, bytes) {
      const end = offset + bytes.length;
      if (end > held.length) {
        const grown = new Uint8Array(2 * end);
        grown.set(held);
        held = grown;
      }
      held.set(bytes, offset);
      size = Math.max(size, end);
    },
    bytes: () => held.subarray(0, size),
  };
}

/** The files as sources of a plan. */
export async function sourcesOf(
  files: MemoryCheckpoint,
  format: CheckpointFormat = 'ckpt',
): Promise<readonly SourceFile[]> {
  const sources: SourceFile[] = [];
  for (const [rank, bytes] of files) {
    const index = await indexCheckpoint(sourceOf(bytes), format);
    sources.push({ path: `rank_${rank}/source.${format}`, rank, stamp: `${bytes.length}`, index });
  }
  return sources;
}

export interface Applied {
  readonly plan: TransformPlan;
  readonly files: MemoryCheckpoint;
  /** By rank, then by tensor. */
  readonly digests: ReadonlyMap<number, ReadonlyMap<string, StoredDigest>>;
  /** Bytes read, by rank of the file that was written. */
  readonly read: ReadonlyMap<number, number>;
}

/** Small, so that small tensors are cut into many tiles. */
const BLOCK_BYTES = 65_536;

/** Plans and applies. */
export async function transformed(
  from: MemoryCheckpoint,
  request: Omit<TransformRequest, 'sources' | 'output'> & {
    readonly format?: CheckpointFormat;
    readonly sourceFormat?: CheckpointFormat;
  },
): Promise<Applied> {
  const { format = 'ckpt', sourceFormat = 'ckpt', ...sides } = request;
  const sources = await sourcesOf(from, sourceFormat);
  const plan = planTransform({ ...sides, sources, output: { prefix: 'checkpoint_', format } });
  const files = new Map<number, Uint8Array>();
  const digests = new Map<number, Map<string, StoredDigest>>();
  const read = new Map<number, number>();
  const workspace = createWorkspace(BLOCK_BYTES);
  for (const file of plan.files) {
    const sink = growing();
    const written = new Map<string, StoredDigest>();
    let bytesRead = 0;
    const open = (source: number): ByteSource => {
      const under = sourceOf(from.get(plan.sources[source]!.rank)!);
      return {
        size: under.size,
        read: (offset, into) => {
          bytesRead += into.length;
          return under.read(offset, into);
        },
      };
    };
    for await (const { name, digest } of writePlannedFile(file, { open }, sink, workspace)) {
      if (digest !== null) written.set(name, digest);
    }
    files.set(file.rank, sink.bytes());
    digests.set(file.rank, written);
    read.set(file.rank, bytesRead);
  }
  return { plan, files, digests, read };
}

/** A tensor with content that names its elements. */
export function numbered(name: string, dtype: ElementType, shape: readonly number[], seed = 0): EntryToWrite {
  const content = new Uint8Array(elementCount(shape) * elementBytes(dtype));
  content.forEach((_, i) => (content[i] = (i * 31 + (i >> 8) * 7 + seed) % 251));
  return { kind: 'tensor', name, dtype, shape, content };
}

/** What a file holds, by name, in its order. */
export async function contentsOf(
  bytes: Uint8Array,
  format: CheckpointFormat = 'ckpt',
): Promise<ReadonlyMap<string, { dtype: string; shape: readonly number[]; content: Uint8Array }>> {
  const source = sourceOf(bytes);
  const index: CheckpointIndex = await indexCheckpoint(source, format);
  const contents = new Map<string, { dtype: string; shape: readonly number[]; content: Uint8Array }>();
  for (const entry of index.entries) {
    if (entry.kind !== 'tensor') continue;
    const { name, dtype, shape } = entry;
    contents.set(name, { dtype, shape, content: await readTensor(source, entry) });
  }
  return contents;
}

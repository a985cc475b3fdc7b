import path from 'node:path';
import { combineDigests } from '@cairn/bytes';

import { indexCheckpoint, isCkptError } from '@cairn/ckpt-format';
import { isStorageError, openFile } from '@cairn/storage';
import { createWorkspace, digestSlice } from '@cairn/transform';
import type { PlannedFile, PlannedTensor, StoredSlice, Workspace } from '@cairn/transform';
import { OpenSources } from './open-sources.ts';
import type { Transformation } from './plan-transformation.ts';
import { SliceDigests } from './slice-digests.ts';

/** Something of the destination that is not as in the source. */
export interface TransformFlaw {
  /** Null: the whole file is. */
  readonly tensor: string | null;
  /** Path of the file, where one is at fault. */
  readonly file: string | null;
  readonly why: string;
}

export interface TransformVerdict {
  /** Tensors that were held against the source. */
  readonly tensors: number;
  readonly flaws: readonly TransformFlaw[];
}

export interface VerifyTransformOptions {
  /** Bytes that have been read since the last time. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Holds a transformed checkpoint against its source: digests of the slices of either side, each as it lies in its files,
 * combine to the same digest of the whole tensor when nothing was lost, changed or misplaced. Copies must be equal.
 *
 * @throws TransformError `source-changed`, StorageError when a source cannot be read
 */
export async function verifyTransformation(
  { plan, destination }: Transformation,
  { onBytes = () => {} }: VerifyTransformOptions = {},
): Promise<TransformVerdict> {
  const workspace = createWorkspace();
  const sides = { source: new SliceDigests(), destination: new SliceDigests() };
  const flaws: TransformFlaw[] = [];
  const sources = new OpenSources(plan.sources);
  try {
    for (const { tensor, slice } of slicesInFileOrder(plan.files)) {
      const { dtype, full } = tensor;
      const digest = await digestSlice(sources.open(slice.source), slice, dtype, full, workspace);
      const { path: file } = plan.sources[slice.source]!;
      flaws.push(...sides.source.add(keyOf(tensor), { tensor: tensor.name, box: slice.box, file, digest }));
      onBytes(bytesOf(slice));
    }
  } finally {
    sources.close();
  }
  const kinds = new Map<string, PlannedTensor>();
  const wrong = new Set<string | null>();
  for (const file of plan.files) {
    const location = path.join(destination, file.name);
    const tensors = file.entries.filter((entry) => entry.kind === 'tensor');
    for (const tensor of tensors) kinds.set(keyOf(tensor), tensor);
    try {
      for await (const { tensor, digest, why } of fileDigests(location, file, workspace)) {
        const slice = { tensor: tensor.name, box: tensor.box, file: location };
        if (digest === null) flaws.push({ tensor: tensor.name, file: location, why });
        else flaws.push(...sides.destination.add(keyOf(tensor), { ...slice, digest }));
      }
    } catch (error) {
      if (!isStorageError(error) && !isCkptError(error)) throw error;
      flaws.push({ tensor: null, file: location, why: error.message });
      for (const { name } of tensors) wrong.add(name);
    }
    onBytes(file.bytes);
  }
  for (const { tensor } of flaws) wrong.add(tensor);
  for (const [key, tensor] of kinds) {
    if (!wrong.has(tensor.name)) flaws.push(...compared(key, tensor, sides));
  }
  return { tensors: new Set(Array.from(kinds.values(), ({ name }) => name)).size, flaws };
}

function compared(
  key: string,
  { name, dtype, full }: PlannedTensor,
  sides: { readonly source: SliceDigests; readonly destination: SliceDigests },
): readonly TransformFlaw[] {
  const of = (side: SliceDigests): string => combineDigests(dtype, full, side.of(key));
  if (of(sides.source) === of(sides.destination)) return [];
  return [{ tensor: name, file: null, why: 'its contents are not those of the source' }];
}

/**
 * Tensors of which slices are compared with each other. What passes through is compared with the very slice it was: ranks
 * may hold different contents under one name.
 */
function keyOf({ name, passed, dtype, full, takes }: PlannedTensor): string {
  const origin = passed === null ? '' : (takes[0]?.from.source ?? '');
  return `${name} ${origin} ${dtype}${full.join('x')}`;
}

/** Every slice that the plan takes from, once, file after file. */
function slicesInFileOrder(
  files: readonly PlannedFile[],
): readonly { readonly tensor: PlannedTensor; readonly slice: StoredSlice }[] {
  const slices = new Map<string, { tensor: PlannedTensor; slice: StoredSlice }>();
  for (const { entries } of files) {
    for (const tensor of entries) {
      if (tensor.kind === 'text') continue;
      for (const { from } of tensor.takes) slices.set(`${from.source} ${keyOf(tensor)}`, { tensor, slice: from });
    }
  }
  return [...slices.values()].toSorted(
    (a, b) => a.slice.source - b.slice.source || beginOf(a.slice) - beginOf(b.slice),
  );
}

function beginOf({ chunks }: StoredSlice): number {
  return chunks[0]?.offset ?? 0;
}

function bytesOf({ chunks }: StoredSlice): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * The digests of what a destination file holds; null, with the reason, where that is not what it should.
 *
 * @throws StorageError, CkptError when the file is not there or damaged
 */
async function* fileDigests(
  location: string,
  { entries, format }: PlannedFile,
  workspace: Workspace,
): AsyncGenerator<{ readonly tensor: PlannedTensor; readonly digest: string | null; readonly why: string }, void> {
  const source = openFile(location);
  try {
    const index = await indexCheckpoint(source, format);
    const stored = new Map(index.entries.map((entry) => [entry.name, entry]));
    for (const tensor of entries) {
      if (tensor.kind === 'text') continue;
      const { name, dtype, shape, full, box } = tensor;
      const entry = stored.get(name);
      if (entry?.kind !== 'tensor') yield { tensor, digest: null, why: 'is missing' };
      else if (entry.dtype !== dtype || entry.shape.join() !== shape.join()) {
        yield { tensor, digest: null, why: `is ${entry.dtype}[${entry.shape}], it should be ${dtype}[${shape}]` };
      } else {
        const slice = { source: 0, box, chunks: entry.chunks, storedAs: entry.storedAs };
        yield { tensor, digest: await digestSlice(source, slice, dtype, full, workspace), why: '' };
      }
    }
  } finally {
    await source.close();
  }
}

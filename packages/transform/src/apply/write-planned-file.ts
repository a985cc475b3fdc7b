import type { ByteSink, ByteSource } from '@cairn/bytes';
import { elementBytes, TensorDigest } from '@cairn/bytes';
import type { EntryLayout, FileLayout } from '@cairn/ckpt-format';
import { layoutCkpt, layoutSafetensors } from '@cairn/ckpt-format';
import type { StoredDigest } from '@cairn/ckpt-format/folder';
import { boxElements } from '../box.ts';
import type { PlannedFile, PlannedTensor } from '../transform-plan.ts';
import { digestTile } from './digest-tile.ts';
import { gatherTile } from './gather-tile.ts';
import { OutBlock } from './out-block.ts';
import { tilesOf } from './tiles.ts';
import type { Workspace } from './workspace.ts';

/** What a file is written from. */
export interface WriteSources {
  /** Opens one of the plan's sources; asked for every tensor, so it keeps what it has opened. */
  readonly open: (source: number) => ByteSource;
}

/** An entry that has been put into its place. */
export interface WrittenEntry {
  readonly name: string;
  /** Null for a text. */
  readonly digest: StoredDigest | null;
  /** Everything before this byte of the file is known; what was not yet given to the sink comes with the next block. */
  readonly end: number;
}

/** Where writing begins, when a part of the file is there already. */
export interface WriteStart {
  /** Entries that are whole, in the order of the file. */
  readonly entries: number;
}

/**
 * Writes a planned file: reads what it takes, a block at a time, and gives what it becomes to the sink in ascending
 * order, without waiting for each write. Memory is that of the workspace, whatever the size of the file.
 *
 * @returns the entries one after another, each once its bytes are on their way to the sink; when the last is given, all
 *          have been written
 * @throws TransformError `source-changed` when a source ends before what is planned; errors of sources and sink
 */
export async function* writePlannedFile(
  file: PlannedFile,
  { open }: WriteSources,
  sink: ByteSink,
  workspace: Workspace,
  start: WriteStart = { entries: 0 },
): AsyncGenerator<WrittenEntry, void> {
  const layout = fileLayout(file);
  const planned = new Map(file.entries.map((entry) => [entry.name, entry]));
  const out = new OutBlock(sink, workspace, start.entries === 0 ? 0 : endOf(layout.entries[start.entries - 1]!));
  try {
    if (start.entries === 0) await out.append(layout.head);
    for (let i = start.entries; i < layout.entries.length; i++) {
      const place = layout.entries[i]!;
      const entry = planned.get(place.name)!;
      const digest = entry.kind === 'tensor' ? await writeTensor(entry, place, { open, out, workspace }) : null;
      if (entry.kind === 'text') for (const { header } of place.parts) await out.append(header);
      if (i === layout.entries.length - 1) await out.flush();
      yield { name: entry.name, digest, end: endOf(place) };
    }
  } finally {
    await out.settle();
  }
}

/** Where every byte of a planned file goes. */
export function fileLayout({ entries, format }: PlannedFile): FileLayout {
  return format === 'ckpt' ? layoutCkpt(entries) : layoutSafetensors(entries);
}

/** First byte behind an entry. */
export function endOf({ parts }: EntryLayout): number {
  const last = parts.at(-1);
  return last === undefined ? 0 : last.offset + last.bytes;
}

interface Output extends WriteSources {
  readonly out: OutBlock;
  readonly workspace: Workspace;
}

async function writeTensor(tensor: PlannedTensor, place: EntryLayout, output: Output): Promise<StoredDigest> {
  const { out, workspace, open } = output;
  const { dtype, full, box } = tensor;
  const width = elementBytes(dtype);
  const digest = new TensorDigest(dtype, full);
  const parts = place.parts.values();
  let left = 0;
  // Content in one part of the entry ends where the part does: MindSpore cuts large tensors (mindspore-formats §1.4).
  const beginPart = async (): Promise<void> => {
    const { value } = parts.next();
    if (value === undefined) return;
    await out.append(value.header);
    left = value.bytes;
  };
  await beginPart();
  const tiles = tilesOf(box, () => Math.min(out.fitting(width), left / width, workspace.tileBytes / width));
  const wanted = boxElements(box) * width;
  for (let done = 0; done < wanted;) {
    if (left === 0) await beginPart();
    if (out.fitting(width) === 0) await out.next();
    const { value } = tiles.next();
    if (value === undefined) break;
    const bytes = boxElements(value) * width;
    const tile = { box: value, at: out.take(bytes), width };
    for (const take of tensor.takes) await gatherTile(tile, take, open(take.from.source), workspace);
    digest.addPartial(digestTile(tile, full, workspace));
    done += bytes;
    left -= bytes;
  }
  const isWhole = box.every(([begin, end], axis) => begin === 0 && end === full[axis]);
  return { digest: digest.value(), shape: full, ...(isWhole ? {} : { box }) };
}

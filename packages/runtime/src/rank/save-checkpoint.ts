import type { Draft, Folder } from '@cairn/bytes';
import { TensorDigest, tensorDigest } from '@cairn/bytes';
import type { EntryToWrite } from '@cairn/ckpt-format';
import { writeCkpt, writeSafetensors } from '@cairn/ckpt-format';
import type { CheckpointName, SideFile, StoredDigest } from '@cairn/ckpt-format/folder';
import {
  formatCheckpointName,
  formatMeta,
  formatSideFile,
  META_FILE,
  rankFolder,
  sideFileName,
} from '@cairn/ckpt-format/folder';
import type { SaveContents, SavedEntry } from './checkpoint-entries.ts';
import { REDUCED_KEY } from './checkpoint-file.ts';
import { sealed } from './sealed-files.ts';
import type { SealSettings } from './sealed-files.ts';

/** MindSpore makes checkpoints read-only for their owner (mindspore-formats §1.8). */
const CHECKPOINT_MODE = 0o400;
const JSON_MODE = 0o640;

/** One save: what goes into its files. */
export interface Save {
  readonly name: CheckpointName;
  readonly contents: SaveContents;
  /** Whether the checkpoint lacks what other ranks store that have the same (`remove_redundancy`). */
  readonly reduced: boolean;
  /** Folders beside `checkpoint` for the weights alone. */
  readonly weightFolders: readonly string[];
  /** What lies beside the checkpoint; the digests are added. */
  readonly side: Omit<SideFile, 'tensors'>;
  readonly seal: SealSettings | null;
}

export interface SavedFiles {
  /** Names below the output folder. */
  readonly checkpoint: string;
  readonly weights: readonly string[];
  readonly bytes: number;
}

/**
 * Writes one save as one commit: payload, side file, weights, and last the `meta.json` that calls it complete. What a
 * crash leaves in between is no checkpoint for anybody.
 *
 * @param folder the output folder
 * @throws StorageError when the disk is full or fails; nothing of the save is visible then, nothing older is touched
 */
export async function saveCheckpoint(folder: Folder, save: Save): Promise<SavedFiles> {
  const file = formatCheckpointName(save.name);
  const rank = rankFolder(save.name.rank);
  const checkpoint = `checkpoint/${rank}/${file}`;
  const weights = save.weightFolders.map((each) => `${each}/${rank}/${file}`);
  const drafts: Draft[] = [];
  const draft = async (name: string, mode: number): Promise<Draft> => {
    const made = await folder.create(name, { mode });
    drafts.push(made);
    return made;
  };
  try {
    const digests = new Map<string, StoredDigest>();
    const payload = await draft(checkpoint, CHECKPOINT_MODE);
    const { entries, weights: weightEntries } = save.contents;
    const bytes = await write(payload, save, digested(entries, digests), save.reduced);
    const side = { ...save.side, tensors: Object.fromEntries(digests) };
    await writeText(await draft(sideFileName(checkpoint), JSON_MODE), formatSideFile(side));
    for (const name of weights) await write(await draft(name, CHECKPOINT_MODE), save, plain(weightEntries), false);
    const meta = { lastEpoch: save.name.epoch, lastStep: save.name.step, lastFile: file };
    await writeText(await draft(`checkpoint/${rank}/${META_FILE}`, JSON_MODE), formatMeta(meta));
    await folder.commit(drafts);
    return { checkpoint, weights, bytes };
  } finally {
    for (const each of drafts) await each.discard();
  }
}

/** @returns bytes written */
async function write(
  draft: Draft,
  { name, seal }: Save,
  entries: readonly EntryToWrite[],
  reduced: boolean,
): Promise<number> {
  if (name.format === 'safetensors') {
    const metadata = { format: 'ms', [REDUCED_KEY]: reduced ? 'True' : 'False' };
    return (await writeSafetensors(draft, entries, { metadata })).bytes;
  }
  if (seal === null) return (await writeCkpt(draft, entries)).bytes;
  const sink = await sealed(draft, seal);
  const { bytes } = await writeCkpt(sink, entries);
  await sink.finish();
  return bytes;
}

function plain(entries: readonly SavedEntry[]): readonly EntryToWrite[] {
  return entries.map(({ name, dtype, shape, content }) => ({
    kind: 'tensor',
    name,
    dtype,
    shape,
    content: once(content),
  }));
}

/** The entries, with each one's digest taken while it is written. */
function digested(entries: readonly SavedEntry[], digests: Map<string, StoredDigest>): readonly EntryToWrite[] {
  return entries.map((entry) => {
    const { name, dtype, shape, content } = entry;
    const withDigest = (): Uint8Array => {
      const bytes = content();
      digests.set(name, digestOf(entry, bytes));
      return bytes;
    };
    return { kind: 'tensor', name, dtype, shape, content: once(withDigest) };
  });
}

/** The digest of an entry as a part of its tensor, so that it can be compared with other cuts of it. */
function digestOf({ dtype, shape, sliceOf }: SavedEntry, bytes: Uint8Array): StoredDigest {
  if (sliceOf === null) return { digest: tensorDigest(dtype, shape, bytes), shape };
  const { shape: full, box } = sliceOf;
  const digest = new TensorDigest(dtype, full).addBox(bytes, box).value();
  const isWhole = shape.every((size, axis) => size === full[axis]);
  return { digest, shape: full, ...(isWhole ? {} : { box }) };
}

/** Content that is made only when the writer comes to it. */
async function* once(content: () => Uint8Array): AsyncGenerator<Uint8Array> {
  yield content();
}

async function writeText(draft: Draft, text: string): Promise<void> {
  await draft.write(0, new TextEncoder().encode(text));
}

import fs from 'node:fs';
import path from 'node:path';
import type { ByteSource } from '@cairn/bytes';
import type { CheckpointFormat } from '@cairn/ckpt-format';
import type { FileVerdict, SideFile, Unlock } from '@cairn/ckpt-format/folder';
import {
  listCheckpoints,
  MAX_SIDE_BYTES,
  metaDisagreements,
  metaFlaws,
  newerThanMeta,
  parseSideFile,
  sideFileName,
  verifyFile,
} from '@cairn/ckpt-format/folder';
import { guarded, localFolder, openFile } from '@cairn/storage';
import { leftOversIn } from './left-overs.ts';

/** What was found out about one file. */
export type Finding =
  | {
      readonly kind: 'checkpoint';
      readonly file: string;
      readonly format: CheckpointFormat;
      readonly verdict: FileVerdict;
      /** What lies beside it: digests that were used, nothing, or something that cannot be read. */
      readonly side: 'used' | 'absent' | 'damaged';
    }
  /** Something is wrong that is no checkpoint's: with a `meta.json`, or a side file. */
  | { readonly kind: 'problem'; readonly file: string; readonly why: string }
  /** Nothing is wrong, but it has to be known. */
  | { readonly kind: 'notice'; readonly file: string; readonly why: string };

export interface VerifyPathOptions {
  readonly unlock: Unlock;
  readonly counted: (source: ByteSource) => ByteSource;
}

/** Checks one checkpoint file, with what lies beside it. */
export async function* verifyCheckpoint(
  file: string,
  format: CheckpointFormat,
  { unlock, counted }: VerifyPathOptions,
): AsyncGenerator<Finding, void> {
  const beside = readSide(file);
  const source = openFile(file);
  try {
    const side = 'problem' in beside ? null : beside.side;
    const verdict = await verifyFile(counted(source), { format, side, unlock });
    const used = 'problem' in beside ? 'damaged' : side === null ? 'absent' : 'used';
    yield { kind: 'checkpoint', file, format, verdict, side: used };
    if ('problem' in beside) yield { kind: 'problem', file: sideFileName(file), why: beside.problem };
  } finally {
    await source.close();
  }
}

/** Checks every checkpoint of a folder and those below it, what their `meta.json` say, and names what is left over. */
export async function* verifyFolder(root: string, options: VerifyPathOptions): AsyncGenerator<Finding, void> {
  const folders = await listCheckpoints(localFolder(root), options.unlock);
  for (const folder of folders) {
    for (const { path: below, format } of folder.files)
      yield* verifyCheckpoint(path.join(root, below), format, options);
    const meta = path.join(root, folder.path, 'meta.json');
    for (const why of metaFlaws(folder)) yield { kind: 'problem', file: meta, why };
    for (const newer of newerThanMeta(folder)) {
      const why = 'newer than the save that meta.json calls complete';
      yield { kind: 'notice', file: path.join(root, folder.path, newer), why };
    }
  }
  for (const { path: below, positions } of metaDisagreements(folders)) {
    const saves = positions.map(({ rank, epoch, step }) => `rank ${rank}: ${epoch}_${step}`);
    const why = `the meta.json of the ranks name different saves: ${saves.join(', ')}`;
    yield { kind: 'problem', file: path.join(root, below), why };
  }
  for (const { file, what } of leftOversIn(root)) yield { kind: 'notice', file, why: what };
}

function readSide(checkpoint: string): { readonly side: SideFile | null } | { readonly problem: string } {
  const file = sideFileName(checkpoint);
  const info = fs.statSync(file, { throwIfNoEntry: false });
  if (info === undefined) return { side: null };
  if (info.size > MAX_SIDE_BYTES) return { problem: `it has ${info.size} bytes, more than ${MAX_SIDE_BYTES}` };
  const side = parseSideFile(guarded(file, () => fs.readFileSync(file, 'utf8')));
  return 'problem' in side ? { problem: `it ${side.problem}` } : { side };
}

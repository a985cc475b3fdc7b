import { join } from 'node:path';
import type { ListedFile, ListedFolder } from '@cairn/ckpt-format/folder';
import { metaDisagreements, metaFlaws } from '@cairn/ckpt-format/folder';
import type { JsonObject } from './json-object.ts';
import { sizeText } from './size-text.ts';
import { tableLines } from './table.ts';

/** What is known of a checkpoint file from its header, as an object for programs. */
export function listedFileJson(
  root: string,
  rank: number | null,
  folder: ListedFolder,
  listed: ListedFile,
): JsonObject {
  const { path, format, bytes, position, side, problem } = listed;
  return {
    file: join(root, path),
    rank,
    format,
    bytes,
    step: position?.step ?? null,
    epoch: position?.epoch ?? null,
    meta: isNamed(folder, listed),
    side,
    ok: problem === null,
    problem,
  };
}

/** The checkpoints of a folder and those below it, as tables. */
export function checkpointFolderLines(root: string, folders: readonly ListedFolder[]): readonly string[] {
  const disagreements = metaDisagreements(folders).flatMap(({ path, positions }) => [
    `the meta.json of ${join(root, path)} name different saves:`,
    ...positions.map(({ rank, epoch, step }) => `  rank ${rank}: ${epoch}_${step}`),
  ]);
  return [...folders.flatMap((folder) => folderLines(root, folder)), ...disagreements];
}

function folderLines(root: string, folder: ListedFolder): readonly string[] {
  const { path, files, meta } = folder;
  const heading = ['file', 'format', 'step', 'epoch', 'size', 'meta.json', 'side file', 'state'];
  const rows = files.map((listed) => {
    const { file, format, position, bytes, side } = listed;
    const count = (value: number | null | undefined): string | number => value ?? '-';
    const named = isNamed(folder, listed) ? 'names it' : '-';
    return [
      file,
      format,
      count(position?.step),
      count(position?.epoch),
      sizeText(bytes),
      named,
      side ? 'yes' : '-',
      stateOf(listed),
    ];
  });
  return [
    join(root, path),
    ...tableLines([heading, ...rows]).map((line) => `  ${line}`),
    ...metaFlaws(folder).map((flaw) => `  meta.json: ${flaw}`),
    ...(meta === null && !folder.hasMeta && files.some(({ side }) => side) ? ['  no meta.json'] : []),
  ];
}

/** What the header tells; whether the contents are sound, `cairn ckpt verify` finds out. */
function stateOf({ problem, position }: ListedFile): string {
  if (problem !== null) return problem;
  return position?.step == null ? 'readable, no step_num: weights only, or cut off' : 'readable';
}

function isNamed({ meta }: ListedFolder, { file }: ListedFile): boolean {
  return meta?.lastFile === file;
}

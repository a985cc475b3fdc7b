import path from 'node:path';
import type { Unlock } from '@cairn/ckpt-format/folder';
import { listCheckpoints, rankOfFolder } from '@cairn/ckpt-format/folder';
import { localFolder } from '@cairn/storage';
import { withCheckpoint } from '../checkpoints/open-checkpoint.ts';
import type { KeyFlags } from '../checkpoints/unlock.ts';
import { unlockWith } from '../checkpoints/unlock.ts';
import { eachPath } from '../each-path.ts';
import { kindOfPath } from '../existing-path.ts';
import type { Output, OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';
import { checkpointFileJson, checkpointFileLines } from '../render/checkpoint-file.ts';
import { checkpointFolderLines, listedFileJson } from '../render/checkpoint-folder.ts';

/** Nothing there to look at. */
const NOTHING = 3;
const DAMAGED = 4;

/** @returns the exit code */
export async function lsCommand(paths: readonly string[], flags: OutputFlags & KeyFlags): Promise<number> {
  const output = processOutput(flags);
  const unlock = await unlockWith(flags);
  return eachPath(paths, output, async (name) => {
    if ((await kindOfPath(name)) === 'folder') return listFolder(name, unlock, output);
    return withCheckpoint(name, { unlock }, async ({ file, index }) => {
      if (output.json) output.data(JSON.stringify(checkpointFileJson(file, index)));
      else for (const line of checkpointFileLines(file, index)) output.data(line);
      return 0;
    });
  });
}

async function listFolder(root: string, unlock: Unlock, output: Output): Promise<number> {
  const folders = await listCheckpoints(localFolder(root), unlock);
  const files = folders.flatMap((folder) => folder.files.map((listed) => ({ folder, listed })));
  if (files.length === 0) {
    process.stderr.write(`error: ${root} holds no checkpoint (*.ckpt, *.safetensors)\n`);
    return NOTHING;
  }
  if (output.json) {
    for (const { folder, listed } of files) {
      const rank = rankOfFolder(path.join(path.resolve(root), folder.path));
      output.data(JSON.stringify(listedFileJson(root, rank, folder, listed)));
    }
  } else {
    for (const line of checkpointFolderLines(root, folders)) output.data(line);
  }
  return files.some(({ listed }) => listed.problem !== null) ? DAMAGED : 0;
}

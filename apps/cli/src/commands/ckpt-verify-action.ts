import fs from 'node:fs';
import { guarded } from '@cairn/storage';
import { checkpointFormat } from '../checkpoints/open-checkpoint.ts';
import type { KeyFlags } from '../checkpoints/unlock.ts';
import { unlockWith } from '../checkpoints/unlock.ts';
import { verifyCheckpoint, verifyFolder } from '../checkpoints/verify-path.ts';
import { byteProgress } from '../byte-progress.ts';
import { eachPath } from '../each-path.ts';
import { kindOfPath } from '../existing-path.ts';
import type { OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';
import { findingJson, findingLines } from '../render/finding.ts';

/** Nothing there to look at. */
const NOTHING = 3;
const DAMAGED = 4;

/** @returns the exit code */
export async function verifyCommand(paths: readonly string[], flags: OutputFlags & KeyFlags): Promise<number> {
  const output = processOutput(flags);
  const unlock = await unlockWith(flags);
  return eachPath(paths, output, async (name) => {
    const isFolder = (await kindOfPath(name)) === 'folder';
    const progress = await byteProgress(output, isFolder ? folderBytes(name) : fs.statSync(name).size);
    const options = { unlock, counted: progress.counted };
    const findings = isFolder
      ? verifyFolder(name, options)
      : verifyCheckpoint(name, await checkpointFormat(name), options);
    let checkpoints = 0;
    let exitCode = 0;
    try {
      for await (const finding of findings) {
        const { ok } = findingJson(finding);
        if (finding.kind === 'checkpoint') checkpoints += 1;
        if (!ok) exitCode = DAMAGED;
        progress.close();
        if (output.json) output.data(JSON.stringify(findingJson(finding)));
        else for (const line of findingLines(finding)) output.data(line);
      }
    } finally {
      progress.close();
    }
    if (checkpoints > 0) return exitCode;
    process.stderr.write(`error: ${name} holds no checkpoint (*.ckpt, *.safetensors)\n`);
    return exitCode === 0 ? NOTHING : exitCode;
  });
}

function folderBytes(root: string): number {
  const entries = guarded(root, () => fs.readdirSync(root, { recursive: true, withFileTypes: true }));
  const files = entries.filter((entry) => entry.isFile() && /\.(?:ckpt|safetensors)$/.test(entry.name));
  return files.reduce((sum, { parentPath, name }) => sum + fs.statSync(`${parentPath}/${name}`).size, 0);
}

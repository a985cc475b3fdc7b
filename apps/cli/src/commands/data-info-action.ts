import path from 'node:path';
import { openMindRecord } from '@cairn/mindrecord';
import { openFile } from '@cairn/storage';
import { eachPath } from '../each-path.ts';
import { kindOfPath } from '../existing-path.ts';
import type { OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';
import { mindRecordJson, mindRecordLines } from '../render/mindrecord.ts';
import { usageError } from '../usage-error.ts';

/** @returns the exit code */
export async function infoCommand(files: readonly string[], flags: OutputFlags): Promise<number> {
  const output = processOutput(flags);
  const told = new Set<string>();
  return eachPath(files, output, async (file) => {
    if ((await kindOfPath(file)) === 'folder')
      throw await usageError(`${file} is a folder: name the files in it`, file);
    if (file.endsWith('.db')) {
      throw await usageError(`${file} is an index: name the data file, ${file.slice(0, -'.db'.length)}`, file);
    }
    if (told.has(path.resolve(file))) return 0;
    const set = await openMindRecord(async (name) => openFile(name), file);
    try {
      for (const { name } of set.files) told.add(path.resolve(name));
      const first = set.rows > 0 ? (await set.read([0]))[0] : undefined;
      if (output.json) output.data(JSON.stringify(mindRecordJson(file, set, first)));
      else for (const line of mindRecordLines(file, set, first)) output.data(line);
      return 0;
    } finally {
      await set.close();
    }
  });
}

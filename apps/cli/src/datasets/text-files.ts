import fs from 'node:fs';
import path from 'node:path';
import { guarded } from '@cairn/storage';
import { glob } from 'tinyglobby';
import { neighbourHint } from '../existing-path.ts';
import { usageError } from '../usage-error.ts';

/** Text files to read, and how many bytes they have together. */
export interface TextFileList {
  /** Absolute paths in their order. */
  readonly files: readonly string[];
  readonly bytes: number;
}

/**
 * The text files that files, folders and patterns stand for, each once, in the order of their paths.
 *
 * @param output path of the MindRecord file that is made of them: what it left in the folders is no text
 * @throws RunError exit 2 for one that stands for none
 */
export async function textFilesOf(inputs: readonly string[], output: string): Promise<TextFileList> {
  const found = new Set<string>();
  for (const input of inputs) {
    const files = (await filesOf(input)).filter((file) => !isOutput(path.resolve(file), path.resolve(output)));
    if (files.length === 0)
      throw await usageError(`--input: no file is found at ${input}${neighbourHint(input)}`, input);
    for (const file of files) found.add(path.resolve(file));
  }
  const files = [...found].toSorted((a, b) => (a < b ? -1 : 1));
  return { files, bytes: files.reduce((sum, file) => sum + guarded(file, () => fs.statSync(file).size), 0) };
}

/** The data file, one of several, or an index. */
function isOutput(file: string, output: string): boolean {
  return file.startsWith(output) && /^\d*(?:\.db)?$/.test(file.slice(output.length));
}

/** MindRecord files that lie among texts are none, unless they are named. */
async function filesOf(input: string): Promise<readonly string[]> {
  const info = guarded(input, () => fs.statSync(input, { throwIfNoEntry: false }));
  if (info?.isFile() === true) return [input];
  const ignore = ['**/*mindrecord', '**/*mindrecord.db', '**/*mindrecord+([0-9])', '**/*mindrecord+([0-9]).db'];
  return info === undefined
    ? glob(input, { absolute: true, ignore })
    : glob('**/*', { cwd: input, absolute: true, ignore });
}

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { readBytes } from '@cairn/bytes';
import { guarded, openFile } from '@cairn/storage';
import { isStrategyError, StrategyError } from '@cairn/strategy';
import { MAX_STRATEGY_BYTES, mergeStrategies, readStrategy } from '@cairn/strategy/files';
import type { MergedStrategies, StrategyFile, StrategySource } from '@cairn/strategy/files';
import { RunError } from '../run-error.ts';
import { neighbourHint } from '../run-paths.ts';

/**
 * Reads a strategy file of one rank or a merged one, in either form.
 *
 * @throws RunError exit 2 when it is not there; StrategyError naming the file when it is none
 */
export async function readStrategyFile(file: string): Promise<StrategyFile> {
  return parse(file, await contentOf(file));
}

async function contentOf(file: string): Promise<Uint8Array> {
  if (!fs.existsSync(file)) throw new RunError('usage', 2, `${file} does not exist${neighbourHint(file)}`, { file });
  const source = openFile(file);
  try {
    if (source.size <= MAX_STRATEGY_BYTES) return await readBytes(source, 0, source.size);
    throw new StrategyError('limit', `${file}: ${source.size} bytes are more than a strategy file has`, { file });
  } finally {
    await source.close();
  }
}

function parse(file: string, bytes: Uint8Array): StrategyFile {
  try {
    return readStrategy(bytes);
  } catch (error) {
    if (!isStrategyError(error)) throw error;
    throw new StrategyError(error.code, `${file}: ${error.message}`, { ...error.place, file, cause: error });
  }
}

/**
 * Merges the strategy files that lie directly in a folder: `*.ckpt` or `*.json`, not both.
 *
 * @throws RunError exit 2 without a folder; StrategyError when it holds none, both kinds, or files that do not fit together
 */
export async function mergeStrategyFolder(folder: string): Promise<MergedStrategies> {
  if (!fs.existsSync(folder))
    throw new RunError('usage', 2, `${folder} does not exist${neighbourHint(folder)}`, { file: folder });
  const names = guarded(folder, () => fs.readdirSync(folder)).toSorted();
  const [ckpt, json] = ['.ckpt', '.json'].map((ending) => names.filter((name) => name.endsWith(ending)));
  if (ckpt?.length && json?.length) {
    const message = `${folder} holds strategy files of both kinds (${ckpt[0]}, ${json[0]}): take one kind out`;
    throw new StrategyError('inconsistent', message, { file: folder });
  }
  const files = [...(ckpt ?? []), ...(json ?? [])];
  if (files.length === 0)
    throw new StrategyError('empty', `${folder} holds no strategy file (*.ckpt, *.json)`, { file: folder });
  // The ranks of a stage write the same bytes: each content is read once, however many ranks there are.
  const sources = new Map<string, StrategySource>();
  for (const name of files) {
    const file = path.join(folder, name);
    const bytes = await contentOf(file);
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (!sources.has(digest)) sources.set(digest, { name, file: parse(file, bytes) });
  }
  return mergeStrategies([...sources.values()]);
}

/** Reads a strategy from where `src_strategy` and `dst_strategy` may point: a file, or a folder of the ranks' files. */
export async function readStrategySource(name: string): Promise<StrategyFile> {
  const isFolder = fs.statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? (await mergeStrategyFolder(name)).file : readStrategyFile(name);
}

import fs from 'node:fs';
import path from 'node:path';
import type { DatasetConfig, RunConfig } from '@cairn/config';
import { byteTokenizer, mindRecordDataset, mindRecordNames, textFileDataset } from '@cairn/data';
import type { Dataset } from '@cairn/data';
import { openMindRecord } from '@cairn/mindrecord';
import { openFile } from '@cairn/storage';
import { glob } from 'tinyglobby';
import { RunError, unsupported } from './run-error.ts';
import type { RunPaths } from './run-paths.ts';
import { neighbourHint } from './run-paths.ts';

/** An open data set; what it holds open is closed with it. */
export interface TrainData {
  readonly dataset: Dataset;
  close(): Promise<void>;
}

const LOADER = ['train_dataset', 'data_loader'];

/**
 * Opens the training data of a configuration: MindRecord files or text files.
 *
 * @throws RunError when there is none; MindRecordError, DataError when it cannot be read
 */
export async function openTrainData(config: RunConfig, paths: RunPaths): Promise<TrainData> {
  const data = config.train_dataset;
  if (data === null) throw new RunError('data-missing', 2, 'there is no train_dataset', { path: ['train_dataset'] });
  switch (data.data_loader.type) {
    case 'MindDataset':
      return openMindDataset(data, paths);
    case 'TextFileDataset':
      return openTextFiles(config, data, paths);
    default:
      throw unsupported(
        [...LOADER, 'type'],
        `${data.data_loader.type} is not read: use MindDataset or TextFileDataset`,
      );
  }
}

async function openMindDataset(data: DatasetConfig, paths: RunPaths): Promise<TrainData> {
  const file = await openMindRecord(async (name) => openFile(name), mindRecordFiles(data, paths));
  try {
    const columns = data.input_columns ?? ['input_ids'];
    return { dataset: mindRecordDataset(file, columns), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** `dataset_files` wins; a folder means the MindRecord files in it, one file means its whole set. */
function mindRecordFiles({ data_loader: loader }: DatasetConfig, paths: RunPaths): string | readonly string[] {
  const [key, named] =
    loader.dataset_files === null ? ['dataset_dir', loader.dataset_dir] : ['dataset_files', loader.dataset_files];
  const found =
    typeof named === 'string' ? existing(named, key, paths) : named.map((name) => existing(name, key, paths));
  if (typeof found !== 'string' || !fs.statSync(found).isDirectory()) return found;
  const below = fs.readdirSync(found, { recursive: true, encoding: 'utf8' }).map((name) => path.join(found, name));
  const files = mindRecordNames(below);
  if (files.length > 0) return files;
  throw new RunError('data-missing', 2, `${found} holds no file whose name ends in mindrecord`, {
    path: [...LOADER, key],
    file: found,
  });
}

function existing(name: string, key: string, paths: RunPaths): string {
  const place = { path: [...LOADER, key], file: name };
  if (name === '')
    throw new RunError('data-missing', 2, 'no data set is given: name a MindRecord file or a folder of them', place);
  const full = paths.input(name);
  if (!fs.existsSync(full))
    throw new RunError('data-missing', 2, `${name} does not exist${neighbourHint(full)}`, place);
  return full;
}

/** A file, a folder (all files in it) or a pattern. */
async function openTextFiles(config: RunConfig, data: DatasetConfig, paths: RunPaths): Promise<TrainData> {
  const tokenizer = config.processor?.tokenizer?.type ?? 'ByteTokenizer';
  if (tokenizer !== 'ByteTokenizer') {
    throw unsupported(
      ['processor', 'tokenizer', 'type'],
      `${tokenizer} is not read here: use ByteTokenizer, or make MindRecord files first`,
    );
  }
  const seqLength = config.model?.model_config.seq_length ?? 0;
  const names = await textFiles(data, paths);
  const files = { list: async () => names, readText: async (name: string) => fs.promises.readFile(name, 'utf8') };
  const dataset = await textFileDataset(files, byteTokenizer, { seqLength, separator: 'eos' });
  return { dataset, close: async () => {} };
}

async function textFiles({ data_loader: loader }: DatasetConfig, paths: RunPaths): Promise<readonly string[]> {
  const named = typeof loader.dataset_dir === 'string' ? [loader.dataset_dir] : loader.dataset_dir;
  const found: string[] = [];
  for (const name of named) {
    const full = paths.input(name);
    if (!fs.existsSync(full)) found.push(...(await glob(name, { cwd: paths.output('.'), absolute: true })));
    else if (fs.statSync(full).isDirectory()) found.push(...(await glob('**/*', { cwd: full, absolute: true })));
    else found.push(full);
  }
  if (found.length > 0) return found;
  throw new RunError('data-missing', 2, `no text file is found at ${named.join(', ')}`, {
    path: [...LOADER, 'dataset_dir'],
  });
}

import { DataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';
import type { PackOptions } from './text-dataset.ts';
import { textDataset } from './text-dataset.ts';

/** Turns text into token ids. */
export interface Tokenizer {
  encode(text: string): ArrayLike<number>;
  /** Id of the token that ends a text. */
  readonly eos?: number;
}

/** Texts by name; the host knows whether they are one file, a folder or a pattern. */
export interface TextFiles {
  list(): Promise<readonly string[]>;
  readText(name: string): Promise<string>;
}

/** How text files become rows. */
export interface TextFileOptions extends Omit<PackOptions, 'separator'> {
  /** Token put behind every text: an id, or the tokenizer's `eos`; nothing when absent. */
  readonly separator?: number | 'eos';
}

/**
 * Text files as a data set (`TextFileDataset`): in the order of their names, tokenised, and packed as by
 * {@link textDataset}.
 *
 * @throws DataError `option`, `value-range`
 */
export async function textFileDataset(
  files: TextFiles,
  tokenizer: Tokenizer,
  options: TextFileOptions,
): Promise<Dataset> {
  const { separator, ...rest } = options;
  const token = separator === 'eos' ? tokenizer.eos : separator;
  if (separator === 'eos' && token === undefined) {
    const path = `${options.path ?? 'train_dataset'}.data_loader.separator`;
    throw new DataError('option', 'the tokenizer has no eos token; give the id of a separator', { path });
  }
  return textDataset(tokenised(files, tokenizer), { ...rest, ...(token !== undefined && { separator: token }) });
}

async function* tokenised(files: TextFiles, tokenizer: Tokenizer): AsyncGenerator<ArrayLike<number>> {
  const names = [...(await files.list())].sort((a, b) => (a < b ? -1 : 1));
  for (const name of names) yield tokenizer.encode(await files.readText(name));
}

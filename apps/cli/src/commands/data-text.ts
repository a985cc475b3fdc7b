import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError } from '@commander-js/extra-typings';

const EXAMPLES = `
Tokens are the bytes of the texts (byte b is id b + 3, a text ends with id 2), so no vocabulary file is needed. Texts follow
each other in the order of their paths and are cut into rows of seq_length + 1 ids, column input_ids; the short rest is left
out. Training from the files gives the same batches as training from the texts with TextFileDataset.

  cairn data text --input corpus.txt --output corpus.mindrecord --seq_length 512
  cairn data text --input texts/ 'more/*.md' --output train.mindrecord --seq_length 2048 --shards 4`;

/** cairn data text: texts to MindRecord. */
export function addDataText(data: Command): void {
  data
    .command('text')
    .description('packs text files into MindRecord files for training')
    .requiredOption('--input <paths...>', 'files, folders (all files in them) or patterns')
    .requiredOption('--output <file>', 'the MindRecord file; its index lies beside it as FILE.db')
    .requiredOption('--seq_length <n>', 'of the model; a row has one token more', countOf)
    .option('--rows <n>', 'at most this many rows', countOf)
    .option('--shards <n>', 'number of files; several get their number appended', countOf, 1)
    .option('--force', 'replace files that are there')
    .option('--json', 'one object: {rows, tokens, leftOut, texts, files}')
    .option('--quiet', 'no words but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (flags) => {
      const { textCommand } = await import('./data-text-action.ts');
      process.exitCode = await textCommand(flags);
    });
}

function countOf(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('a whole number from 1 on is needed.');
}

import { byteProgress } from '../byte-progress.ts';
import { packTexts } from '../datasets/pack-texts.ts';
import { textFilesOf } from '../datasets/text-files.ts';
import { interruptSignal } from '../interrupt-signal.ts';
import type { OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';
import { countText } from '../render/size-text.ts';

interface TextFlags extends OutputFlags {
  readonly input: readonly string[];
  readonly output: string;
  readonly seq_length: number;
  readonly rows?: number | undefined;
  readonly shards: number;
  readonly force?: true | undefined;
}

/** @returns the exit code */
export async function textCommand(flags: TextFlags): Promise<number> {
  const output = processOutput(flags);
  if (!flags.output.endsWith('mindrecord')) {
    output.say(`note: a dataset_dir takes only files whose names end in mindrecord, ${flags.output} does not`);
  }
  const { files, bytes } = await textFilesOf(flags.input, flags.output);
  const progress = await byteProgress(output, bytes);
  try {
    const packed = await packTexts({
      texts: files,
      file: flags.output,
      seqLength: flags.seq_length,
      rows: flags.rows,
      shards: flags.shards,
      overwrite: flags.force === true,
      onRead: progress.add,
      signal: interruptSignal(),
    });
    progress.close();
    if (output.json) output.data(JSON.stringify(packed));
    else {
      const { rows, tokens, leftOut, texts } = packed;
      const from = `${countText(tokens, 'token')} of ${countText(texts, 'text')}`;
      output.data(`${countText(rows, 'row')} of ${flags.seq_length + 1} ids: ${from}, ${leftOut} left out`);
      for (const file of packed.files) output.data(file);
    }
    return 0;
  } finally {
    progress.close();
  }
}

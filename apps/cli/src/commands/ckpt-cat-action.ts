import type { OpenCheckpoint } from '../checkpoints/open-checkpoint.ts';
import { withCheckpoint } from '../checkpoints/open-checkpoint.ts';
import { entryNamed } from '../checkpoints/entry-named.ts';
import { entryJson, entryLines } from '../checkpoints/read-entry.ts';
import type { KeyFlags } from '../checkpoints/unlock.ts';
import { unlockWith } from '../checkpoints/unlock.ts';
import { writeNpy } from '../checkpoints/write-npy.ts';
import { byteProgress } from '../byte-progress.ts';
import { interruptSignal } from '../interrupt-signal.ts';
import type { Output, OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';
import { usageError } from '../usage-error.ts';

interface CatFlags extends OutputFlags, KeyFlags {
  readonly tensor?: string | undefined;
  readonly npy?: string | undefined;
}

/** @returns the exit code */
export async function catCommand(file: string, flags: CatFlags): Promise<number> {
  const output = processOutput(flags);
  const { tensor: name } = flags;
  if (name === undefined) {
    throw await usageError(`--tensor NAME is missing: cairn ckpt ls ${file} lists the tensors of the file`);
  }
  const options = { unlock: await unlockWith(flags) };
  await withCheckpoint(file, options, async (checkpoint) => {
    if (flags.npy !== undefined) return takeOut(checkpoint, name, flags.npy, output);
    const entry = await entryNamed(checkpoint, name);
    if (output.json) output.data(await entryJson(checkpoint, entry));
    else for (const line of await entryLines(checkpoint, entry)) output.data(line);
  });
  return 0;
}

async function takeOut(checkpoint: OpenCheckpoint, name: string, npy: string, output: Output): Promise<void> {
  const entry = await entryNamed(checkpoint, name);
  if (entry.kind !== 'tensor') throw await usageError(`${name} is a ${entry.kind}: --npy takes a tensor`);
  const progress = await byteProgress(output, entry.bytes);
  try {
    const source = progress.counted(checkpoint.source);
    const { bytes, storedAs } = await writeNpy({ source, entry, file: npy, signal: interruptSignal() });
    progress.close();
    if (storedAs !== entry.dtype) output.say(`${entry.dtype} is unknown to numpy: ${npy} holds ${storedAs}`);
    const { dtype, shape } = entry;
    if (output.json) output.data(JSON.stringify({ file: checkpoint.file, name, dtype, shape, npy, storedAs, bytes }));
    else output.say(`${npy}: ${storedAs} [${shape.join(', ')}], ${bytes} bytes`);
  } finally {
    progress.close();
  }
}

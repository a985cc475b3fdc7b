import fs from 'node:fs';
import { compareCheckpoints } from '@cairn/ckpt-format';
import { byteProgress } from '../byte-progress.ts';
import { checkpointFormat, withCheckpoint } from '../checkpoints/open-checkpoint.ts';
import type { KeyFlags } from '../checkpoints/unlock.ts';
import { unlockWith } from '../checkpoints/unlock.ts';
import type { OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';
import { differenceJson, differenceLines } from '../render/difference.ts';

/** The two are not equal. */
const DIFFERENT = 4;

/** @returns the exit code */
export async function diffCommand(
  a: string,
  b: string,
  flags: OutputFlags & KeyFlags & { readonly tolerance: number },
): Promise<number> {
  const output = processOutput(flags);
  const { tolerance } = flags;
  const unlock = await unlockWith(flags);
  for (const file of [a, b]) await checkpointFormat(file);
  const progress = await byteProgress(output, fs.statSync(a).size + fs.statSync(b).size);
  const options = { unlock, counted: progress.counted };
  try {
    const difference = await withCheckpoint(a, options, async (left) =>
      withCheckpoint(b, options, async (right) => compareCheckpoints(left, right, { tolerance })),
    );
    progress.close();
    const compared = { a, b, tolerance, difference };
    if (output.json) output.data(JSON.stringify(differenceJson(compared)));
    else for (const line of differenceLines(compared)) output.data(line);
    return difference.equal ? 0 : DIFFERENT;
  } finally {
    progress.close();
  }
}

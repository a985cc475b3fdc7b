import { run } from '@cairn/runtime';
import { interruptSignal } from '../interrupt-signal.ts';
import { processOutput, takeOutputFlags } from '../output.ts';
import { readRunFlags } from '../read-run-flags.ts';
import { watchRun } from '../watch-run.ts';

/** @returns the exit code */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const { flags, rest } = takeOutputFlags(argv);
  const output = processOutput(flags);
  const input = await readRunFlags(rest);
  return watchRun(run(input, { signal: interruptSignal(), allRanks: output.allRanks }), output);
}

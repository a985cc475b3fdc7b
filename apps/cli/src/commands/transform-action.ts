import { parseTransformArgv } from '@cairn/transform';
import { applyCommand } from '../transform/apply-command.ts';
import { planCommand } from '../transform/plan-command.ts';
import { verifyTransformCommand } from '../transform/verify-command.ts';
import { processOutput, takeOutputFlags } from '../output.ts';

/** @returns the exit code */
export async function transformCommand(name: 'plan' | 'apply' | 'verify', argv: readonly string[]): Promise<number> {
  const { flags, rest } = takeOutputFlags(argv);
  const output = processOutput(flags);
  if (name === 'verify') return verifyTransformCommand(rest, output);
  const parsed = parseTransformArgv(rest);
  return name === 'plan' ? planCommand(parsed, output) : applyCommand(parsed, output);
}

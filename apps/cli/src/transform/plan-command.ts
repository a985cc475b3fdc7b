import { planOptions } from '@cairn/runtime/transform';
import type { TransformArgv, TransformOptions } from '@cairn/transform';
import type { Output } from '../output.ts';
import { planLines } from '../render/transform-plan.ts';
import { usageError } from '../usage-error.ts';
import { planJson } from './plan-json.ts';

/** @returns the exit code */
export async function planCommand(parsed: TransformArgv, output: Output): Promise<number> {
  const options = await optionsOf(parsed);
  const transformation = await planOptions(options);
  if (output.json) output.data(planJson(options, transformation));
  else for (const line of planLines(transformation)) output.data(line);
  return 0;
}

async function optionsOf(parsed: TransformArgv): Promise<TransformOptions> {
  if (parsed.form !== 'plan') return parsed.options;
  throw await usageError('--plan is for apply; give the flags of a transformation');
}

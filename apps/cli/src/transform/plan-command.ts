import { eachModel, planOptions, spaceFor, usualMemory } from '@cairn/runtime/transform';
import type { TransformArgv } from '@cairn/transform';
import type { Output } from '../output.ts';
import { planLines } from '../render/transform-plan.ts';
import { usageError } from '../usage-error.ts';
import { planJson } from './plan-json.ts';

/** @returns the exit code */
export async function planCommand(parsed: TransformArgv, output: Output): Promise<number> {
  if (parsed.form === 'plan') throw await usageError('--plan is for apply; give the flags of a transformation');
  for (const options of eachModel(parsed.options)) {
    const transformation = await planOptions(options);
    const space = await spaceFor(transformation);
    const memoryBytes = usualMemory(options.processNum);
    if (output.json) output.data(planJson(options, transformation));
    else for (const line of planLines(transformation, { ...space, memoryBytes })) output.data(line);
  }
  return 0;
}

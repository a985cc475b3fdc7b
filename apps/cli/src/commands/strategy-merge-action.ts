import { mergeStrategyFolder, writeStrategyFile } from '@cairn/runtime';
import { layoutsOf } from '@cairn/strategy/files';
import type { OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';
import { countText } from '../render/size-text.ts';

/** @returns the exit code */
export async function mergeCommand(folder: string, out: string, flags: OutputFlags): Promise<number> {
  const output = processOutput(flags);
  const { file, passedOver } = await mergeStrategyFolder(folder);
  const { stages, stageRanks, tensors } = layoutsOf(file);
  await writeStrategyFile(out, file);
  for (const name of passedOver) output.say(`note: ${name} is merged already and was passed over`);
  if (output.json) output.data(JSON.stringify({ file: out, stages, stageRanks, tensors: tensors.size, passedOver }));
  else {
    const ranks = `${countText(stages, 'stage')} of ${countText(stageRanks, 'rank')}`;
    output.data(`${out}: ${countText(tensors.size, 'tensor')} on ${ranks}`);
  }
  return 0;
}

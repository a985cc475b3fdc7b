import { makeStrategy, readConfigFile } from '@cairn/runtime';
import type { OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';
import { countText } from '../render/size-text.ts';

interface MakeFlags extends OutputFlags {
  readonly config: string;
  readonly output: string;
  readonly rank?: number | undefined;
  readonly world_size?: number | undefined;
  readonly format: 'pb' | 'json';
}

/** @returns the exit code */
export async function makeCommand(flags: MakeFlags): Promise<number> {
  const output = processOutput(flags);
  const folder = flags.output;
  const made = await makeStrategy(await readConfigFile(flags.config), {
    folder,
    format: flags.format === 'json' ? 'json' : 'protobuf',
    rank: flags.rank ?? null,
    ranks: flags.world_size ?? null,
  });
  if (output.json) output.data(JSON.stringify({ folder, ...made }));
  else for (const file of made.files) output.data(`${folder}/${file}`);
  output.say(`${countText(made.files.length, 'file')} of a run of ${countText(made.worldSize, 'rank')}`);
  return 0;
}

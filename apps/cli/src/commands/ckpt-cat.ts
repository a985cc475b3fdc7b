import type { Command } from '@commander-js/extra-typings';
import { KEY_HELP, MODE_HELP } from '../checkpoints/unlock.ts';

const EXAMPLES = `
Values are printed as numpy prints them, of large tensors the edges. With --json all of them, as one flat list in row-major
order: 64-bit integers beyond 2^53 and NaN, Infinity, -Infinity as strings. numpy has no bfloat16: --npy writes it as float32.

  cairn ckpt cat model.ckpt --tensor lm_head.weight
  cairn ckpt cat model.ckpt --tensor lm_head.weight --npy head.npy
  cairn ckpt cat model.ckpt --tensor step_num --json | jq '.values[0]'`;

/** cairn ckpt cat: one tensor of a file. */
export function addCkptCat(ckpt: Command): void {
  ckpt
    .command('cat')
    .description('takes one tensor out of a file')
    .argument('<file>')
    .option('--tensor <name>', 'which one; cairn ckpt ls FILE lists them')
    .option('--npy <file>', 'write the values to a NumPy file')
    .option('--dec_key <key>', KEY_HELP)
    .option('--dec_mode <mode>', MODE_HELP)
    .option('--json', 'one object: {file, name, dtype, shape, values}')
    .option('--quiet', 'no words but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (file, flags) => {
      const { catCommand } = await import('./ckpt-cat-action.ts');
      process.exitCode = await catCommand(file, flags);
    });
}

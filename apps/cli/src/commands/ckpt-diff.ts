import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { KEY_HELP, MODE_HELP } from '../checkpoints/unlock.ts';

const EXAMPLES = `
Compared by name, in either format. Without --tolerance the bits must be equal: 0 differs from -0, and a NaN equals one of the
same bits; with one, every NaN equals every other. The order of entries is told, and is no difference. Exit code 0 when they
are equal, 4 when they differ or one cannot be read.

  cairn ckpt diff before.ckpt after.ckpt
  cairn ckpt diff model.ckpt model.safetensors --tolerance 1e-6 --json`;

/** cairn ckpt diff: how two files differ. */
export function addCkptDiff(ckpt: Command): void {
  ckpt
    .command('diff')
    .description('compares two checkpoint files')
    .argument('<a>')
    .argument('<b>')
    .option('--tolerance <x>', 'largest |a - b| that is no difference', toleranceOf, 0)
    .option('--dec_key <key>', KEY_HELP)
    .option('--dec_mode <mode>', MODE_HELP)
    .option('--json', 'one object: {a, b, tolerance, equal, same, sameOrder, differences}')
    .option('--quiet', 'no words but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (a, b, flags) => {
      const { diffCommand } = await import('./ckpt-diff-action.ts');
      process.exitCode = await diffCommand(a, b, flags);
    });
}

function toleranceOf(text: string): number {
  const tolerance = Number(text);
  if (text.trim() !== '' && Number.isFinite(tolerance) && tolerance >= 0) return tolerance;
  throw new InvalidArgumentError('a tolerance is a number from 0 on.');
}

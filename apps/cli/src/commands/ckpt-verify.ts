import type { Command } from '@commander-js/extra-typings';
import { KEY_HELP, MODE_HELP } from '../checkpoints/unlock.ts';

const EXAMPLES = `
Every byte is read: the structure always, the CRC where a file has one, the digests where NAME.cairn.json lies beside it. The
answer says what was proven and what could not be. Of a folder every checkpoint is checked, and whether the meta.json fit;
what a save that was interrupted left is named. Exit code 0 when all is whole, 4 when something is damaged or does not fit,
3 when a folder holds no checkpoint.

  cairn ckpt verify llama_7b_rank_0-12_2.ckpt
  cairn ckpt verify output/checkpoint
  cairn ckpt verify --json output/checkpoint | jq -c 'select(.ok | not)'`;

/** cairn ckpt verify: are files whole. */
export function addCkptVerify(ckpt: Command): void {
  ckpt
    .command('verify')
    .description('checks whether checkpoints are whole')
    .argument('<paths...>', 'files and folders')
    .option('--dec_key <key>', KEY_HELP)
    .option('--dec_mode <mode>', MODE_HELP)
    .option(
      '--json',
      'a file a line: {file, ok, structure, crc, side, tensors, digested, flaws}, or {file, ok, problem}',
    )
    .option('--quiet', 'no words but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (paths, flags) => {
      const { verifyCommand } = await import('./ckpt-verify-action.ts');
      process.exitCode = await verifyCommand(paths, flags);
    });
}

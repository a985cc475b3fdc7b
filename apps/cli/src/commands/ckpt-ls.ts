import type { Command } from '@commander-js/extra-typings';
import { KEY_HELP, MODE_HELP } from '../checkpoints/unlock.ts';

const EXAMPLES = `
Of a file its tensors, of a folder its checkpoints and those in the folders below. Only headers are read: whether contents
are sound, cairn ckpt verify tells. Exit code 4 when a file cannot be read, 3 when a folder holds none.

  cairn ckpt ls llama_7b_rank_0-12_2.ckpt
  cairn ckpt ls output/checkpoint
  cairn ckpt ls --json model.safetensors | jq -r '.tensors[].name'`;

/** cairn ckpt ls: what files hold, what folders hold. */
export function addCkptLs(ckpt: Command): void {
  ckpt
    .command('ls')
    .description('lists the tensors of files, and the checkpoints of folders')
    .argument('<paths...>', 'files and folders')
    .option('--dec_key <key>', KEY_HELP)
    .option('--dec_mode <mode>', MODE_HELP)
    .option('--json', 'a file a line: {file, format, tensors: [{name, dtype, shape, bytes}], texts, maps, ...}')
    .option('--quiet', 'no words but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (paths, flags) => {
      const { lsCommand } = await import('./ckpt-ls-action.ts');
      process.exitCode = await lsCommand(paths, flags);
    });
}

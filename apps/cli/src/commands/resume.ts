import type { Command } from '@commander-js/extra-typings';
import { KEY_HELP, MODE_HELP } from '../checkpoints/unlock.ts';

const EXAMPLES = `
Exit code 0 when the ranks would resume, 3 when there is nothing to resume from, 4 when a named checkpoint is absent or
damaged or the ranks do not fit together.

  cairn resume plan --load_checkpoint output/checkpoint --world_size 4
  cairn resume plan --load_checkpoint output/checkpoint --world_size 4 --resume_training llama_7b_rank_0-12_2 --json`;

/** cairn resume: plan. */
export function addResumeCommands(program: Command): void {
  const resume = program.command('resume').description('says where training would resume');
  resume
    .command('plan')
    .description('says from where each rank would resume, and why, without starting anything')
    .requiredOption('--load_checkpoint <folder>', 'folder that holds the rank folders')
    .option('--world_size <ranks>', 'number of ranks', '1')
    .option('--resume_training <name>', 'True = the newest, or the name of a checkpoint', 'True')
    .option('--resume_by_last_timestamp_ckpt <flag>', "True = each rank's last file by time", 'False')
    .option('--dec_key <key>', KEY_HELP)
    .option('--dec_mode <mode>', MODE_HELP)
    .option('--json', 'one object')
    .option('--quiet', 'no words but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (flags) => {
      const { planCommand } = await import('./resume-action.ts');
      process.exitCode = await planCommand(flags);
    });
}

import type { Command } from '@commander-js/extra-typings';

const EXAMPLES = `
The arguments are those of msrun_launcher.sh: the command in quotes, then 0, 1, 5 or 8 more; or msrun's named options
followed by the command. run_mindformer.py means cairn run, run_qwen1_5_chat.py cairn chat; *.js and *.mjs run under node.

  cairn launch "run --config train.yaml --use_parallel True" 4
  cairn launch "run_mindformer.py --config train.yaml" 8 8118 output/msrun_log False 7200
  cairn launch --worker_num 4 --log_dir logs run --config train.yaml
  cairn launch "run --config train.yaml" 4 --max_restarts 2
  cairn launch "python train.py" 8

Named options: --worker_num, --local_worker_num, --master_addr, --master_port, --node_rank, --log_dir, --join,
--cluster_time_out SECONDS, --node_time_out SECONDS, --max_restarts N, --worker_log_name, --tail_worker_log RANKS,
--rank_table_file, --bind_core, --sim_level, --sim_rank_id.`;

/** cairn launch: the twin of msrun_launcher.sh and msrun. */
export function addLaunchCommand(program: Command): void {
  program
    .command('launch')
    .description('starts the ranks of a distributed run as processes of this host')
    .usage('"COMMAND" [WORKERS] [options of msrun] [--json] [--quiet] [--no-color] [--all-ranks]')
    .argument('[arguments...]')
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText('after', EXAMPLES)
    .action(async (argv: string[]) => {
      const { launchCommand } = await import('./launch-action.ts');
      process.exitCode = await launchCommand(argv);
    });
}

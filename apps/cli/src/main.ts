import { Command, CommanderError } from '@commander-js/extra-typings';
import { addCkptCommands } from './commands/ckpt.ts';
import { addConfigCommands } from './commands/config.ts';
import { addDataCommands } from './commands/data.ts';
import { addLaunchCommand } from './commands/launch.ts';
import { addResumeCommands } from './commands/resume.ts';
import { addRunCommand } from './commands/run.ts';
import { addServeCommand } from './commands/serve.ts';
import { addStrategyCommands } from './commands/strategy.ts';
import { addTransformCommands } from './commands/transform.ts';
import { reportFailure } from './report-failure.ts';

const VERSION = '0.1.0';

/** Exit code of wrong usage. */
const USAGE = 2;

/** Runs the command line; sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('cairn')
    .description(
      'Trains Llama and Qwen from MindFormers YAML on simulated NPUs; reads, saves, resumes and converts their checkpoints.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(cairn help COMMAND shows the flags)')
    .enablePositionalOptions();
  addRunCommand(program);
  addLaunchCommand(program);
  addConfigCommands(program);
  addCkptCommands(program);
  addDataCommands(program);
  addResumeCommands(program);
  addStrategyCommands(program);
  addTransformCommands(program);
  addServeCommand(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE;
    else process.exitCode = await reportFailure(error);
  }
}

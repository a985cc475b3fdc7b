import path from 'node:path';
import { launchedProgram, msrunOptions } from '@cairn/launcher';
import type { MsrunOptions } from '@cairn/launcher';
import { runWithRestarts } from '@cairn/runtime';
import { interruptSignal } from '../interrupt-signal.ts';
import { DETACHED, launchDetached } from '../launch/launch-detached.ts';
import { launchProgram } from '../launch/launch-program.ts';
import type { Output } from '../output.ts';
import { processOutput, takeOutputFlags } from '../output.ts';
import { readRunFlags } from '../read-run-flags.ts';
import { watchRun } from '../watch-run.ts';

/** @returns the exit code */
export async function launchCommand(argv: readonly string[]): Promise<number> {
  const { flags, rest } = takeOutputFlags(argv);
  const output = processOutput(flags);
  const options = msrunOptions(rest);
  for (const warning of options.warnings) output.say(`warning: ${warning}`);
  if (!options.join && process.env[DETACHED] === undefined) return launchDetached(argv, options, output);
  const program = launchedProgram(options.words);
  return program.kind === 'run' ? launchRun(program.flags, options, output) : launchProgram(program, options, output);
}

/** Cairn's own run, whose ranks tell what they do as events. */
async function launchRun(flags: readonly string[], options: MsrunOptions, output: Output): Promise<number> {
  const input = await readRunFlags(flags);
  const events = runWithRestarts(input, {
    workers: options.workers,
    maxRestarts: options.maxRestarts,
    allRanks: output.allRanks,
    signal: interruptSignal(),
    launch: {
      logFolder: path.resolve(options.logFolder),
      host: options.masterAddress,
      port: options.masterPort,
      workerLogName: options.workerLogName,
      clusterTimeoutMs: options.clusterTimeoutMs,
      nodeTimeoutMs: options.nodeTimeoutMs,
      rankTableFile: options.rankTableFile,
    },
  });
  return watchRun(events, output);
}

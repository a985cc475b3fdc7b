import { parseRunFlags } from '@cairn/config';
import { encodeEvent } from '@cairn/events';
import { readConfigFile, run } from '@cairn/runtime';
import { lastValueFrom, tap } from 'rxjs';
import { interruptSignal } from '../interrupt-signal.ts';
import type { Output } from '../output.ts';
import { processOutput, takeOutputFlags } from '../output.ts';
import { runView } from '../render/run-view.ts';

/** @returns the exit code */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const { flags, rest } = takeOutputFlags(argv);
  const output = processOutput(flags);
  const parsed = parseRunFlags(rest);
  if (!parsed.ok) {
    for (const { message } of parsed.errors) process.stderr.write(`error: ${message}\n`);
    return 2;
  }
  if (parsed.config === null) {
    process.stderr.write('error: --config FILE is missing: name the YAML to run\n');
    return 2;
  }
  const input = { ...(await readConfigFile(parsed.config, parsed.registerPath)), overrides: parsed.overrides };
  return watch(run(input, { signal: interruptSignal() }), output);
}

/** Shows a run and gives the exit code it ends with. */
async function watch(events: ReturnType<typeof run>, output: Output): Promise<number> {
  const view = await runView(output);
  const shown = events.pipe(
    tap((event) => {
      if (output.json) output.data(encodeEvent(event));
      view.show(event);
    }),
  );
  const last = await lastValueFrom(shown);
  view.close();
  return last.type === 'run-failed' ? last.exitCode : 0;
}

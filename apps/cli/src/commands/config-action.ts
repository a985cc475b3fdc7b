import { formatIssue, jsonSchema, parseConfig, parseRunFlags, renderConfig, showConfig } from '@cairn/config';
import { checkConfig, readConfigFile } from '@cairn/runtime';
import type { OutputFlags } from '../output.ts';
import { processOutput, takeOutputFlags } from '../output.ts';
import { reportFailure } from '../report-failure.ts';

/** Validates files one after another; a file that cannot be read is as wrong as one that does not parse. */
export async function checkCommand(files: readonly string[], flags: OutputFlags): Promise<number> {
  const output = processOutput(flags);
  let exitCode = 0;
  for (const file of files) {
    try {
      const { ok, errors, warnings } = await checkConfig(await readConfigFile(file));
      if (!ok) exitCode = 2;
      if (output.json) output.data(JSON.stringify({ file, ok, errors, warnings }));
      else for (const issue of [...errors, ...warnings]) output.say(formatIssue(issue));
      if (!output.json) output.data(`${file}: ${ok ? 'ok' : `${errors.length} errors`}, ${warnings.length} warnings`);
    } catch (error) {
      exitCode = await reportFailure(error);
      if (output.json)
        output.data(JSON.stringify({ file, ok: false, errors: [{ message: String(error) }], warnings: [] }));
    }
  }
  return exitCode;
}

/** Shows a file as it would be run with these flags. */
export async function showCommand(words: readonly string[]): Promise<number> {
  const { flags, rest } = takeOutputFlags(words);
  const output = processOutput(flags);
  const [file, ...argv] = rest;
  if (file === undefined) {
    process.stderr.write('error: name the YAML file to show\n');
    return 2;
  }
  const parsed = parseRunFlags(argv);
  if (!parsed.ok) {
    for (const { message } of parsed.errors) process.stderr.write(`error: ${message}\n`);
    return 2;
  }
  const result = await parseConfig({ ...(await readConfigFile(file)), overrides: parsed.overrides });
  if (!result.ok) {
    for (const issue of result.errors) process.stderr.write(`${formatIssue(issue)}\n`);
    return 2;
  }
  output.data(output.json ? JSON.stringify(showConfig(result)) : renderConfig(showConfig(result)).trimEnd());
  return 0;
}

/** Prints the JSON Schema. */
export function schemaCommand(): void {
  process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
}

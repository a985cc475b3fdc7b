import path from 'node:path';
import type { ConfigInput, ConfigIssue } from '@cairn/config';
import { blocksRun, formatIssue, parseConfig, parseRunFlags } from '@cairn/config';
import type { Override } from '@cairn/config';
import { checkConfig, readConfigText } from '@cairn/runtime';
import { z } from 'zod';
import { HttpError } from './http-error.ts';
import type { RunOrder } from './started-run.ts';

const RunRequest = z
  .strictObject({
    /** Path of a YAML file. */
    path: z.string().min(1).optional(),
    /** The text of one. */
    yaml: z.string().optional(),
    /** Flags of run_mindformer.py, as on its command line. */
    flags: z.array(z.string()).default([]),
  })
  .refine(({ path, yaml }) => (path === undefined) !== (yaml === undefined), 'give either path or yaml');

/** What messages call a configuration that came as text. */
const TEXT_NAME = 'request.yaml';

/**
 * What the body of `POST /runs` asks to run.
 *
 * @param folder where relative paths start from
 * @throws HttpError 400 when it is no such body, 422 with every error and its place when it cannot be run
 */
export async function readRunOrder(body: unknown, folder: string): Promise<RunOrder> {
  const request = RunRequest.safeParse(body);
  if (!request.success) throw requestInvalid(request.error.issues);
  const { path: file, yaml, flags } = request.data;
  const overrides = overridesOf(flags);
  const readText = (name: string): Promise<string> => readConfigText(path.resolve(folder, name));
  const text = yaml ?? (await readText(file ?? ''));
  const input = { name: file ?? TEXT_NAME, text, overrides, env: process.env, readText };
  return { input, outputFolder: path.resolve(folder, await checkedOutput(input)) };
}

function overridesOf(flags: readonly string[]): readonly Override[] {
  const parsed = parseRunFlags(flags);
  if (!parsed.ok) throw configInvalid(parsed.errors, []);
  if (parsed.config === null && parsed.registerPath === null) return parsed.overrides;
  throw requestInvalid([{ path: ['flags'], message: 'name the configuration as path, not by --config' }]);
}

/** The output_dir of a configuration that can be run. */
async function checkedOutput(input: ConfigInput): Promise<string> {
  const parsed = await parseConfig(input);
  if (!parsed.ok) throw configInvalid(parsed.errors, parsed.warnings);
  const { errors, warnings } = await checkConfig(input);
  const blocking = [...errors, ...warnings.filter(blocksRun)];
  if (blocking.length === 0) return parsed.config.output_dir;
  throw configInvalid(
    blocking,
    warnings.filter((issue) => !blocksRun(issue)),
  );
}

function configInvalid(errors: readonly ConfigIssue[], warnings: readonly ConfigIssue[]): HttpError {
  return new HttpError(422, 'config-invalid', errors.map(formatIssue).join('\n'), { errors, warnings });
}

function requestInvalid(issues: readonly { path: readonly PropertyKey[]; message: string }[]): HttpError {
  const told = issues.map(({ path, message }) => `${['body', ...path].map(String).join('.')}: ${message}`);
  return new HttpError(400, 'request-invalid', told.join('\n'));
}

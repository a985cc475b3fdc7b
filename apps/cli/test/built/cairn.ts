import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The built program. */
export const PROGRAM: string = fileURLToPath(new URL('../../bin/cairn.js', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../../../../conformance/golden', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of standard output. */
  readonly lines: readonly string[];
}

/** Runs the built program to its end, as a script would: no terminal, no colours. */
export function cairn(...args: readonly string[]): Finished {
  return runIn(process.execPath, [PROGRAM, ...args]);
}

/** The same, in a folder. */
export function cairnIn(cwd: string, ...args: readonly string[]): Finished {
  return runIn(process.execPath, [PROGRAM, ...args], cwd);
}

/** Runs a line of shell in which `cairn` is the built program. */
export function shell(line: string): Finished {
  const run = `${JSON.stringify(process.execPath)} ${JSON.stringify(PROGRAM)} "$@"`;
  return runIn('bash', ['-c', `set -o pipefail; cairn() { ${run}; }; ${line}`]);
}

function runIn(program: string, args: readonly string[], cwd = process.cwd()): Finished {
  const { FORCE_COLOR: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1' },
    maxBuffer: 2 ** 28,
  });
  return { code: status, stdout, stderr, lines: stdout.split('\n').slice(0, -1) };
}

/** The JSON object of each line. */
export function objects({ lines }: Finished): unknown[] {
  return lines.map((line): unknown => JSON.parse(line));
}

/** Path of a file of the golden data. */
export function golden(name: string): string {
  return path.join(GOLDEN, name);
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-cli-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

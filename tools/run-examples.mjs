// Runs every program of examples/, each from an empty folder: an example that does not end well is no example.
//   node tools/run-examples.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const examples = fileURLToPath(new URL('../examples', import.meta.url));
const programs = readdirSync(examples).filter((name) => name.endsWith('.mjs'));
const failed = programs.filter((name) => !runs(name));
console.log(`examples: ${programs.length} programs, ${failed.length} problems`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** @param {string} name */
function runs(name) {
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'cairn-example-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(examples, name)], {
    cwd,
    encoding: 'utf8',
  });
  rmSync(cwd, { recursive: true });
  if (status !== 0) console.error(`examples/${name} ends with ${status}:\n${stdout}${stderr}`);
  return status === 0;
}

// Runs every program of examples/, each from an empty folder, and checks every configuration: an example that does not
// end well is no example.
//   node tools/run-examples.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const examples = readdirSync(path.join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((name) => !name.includes('node_modules') && /\.(?:mjs|yaml)$/.test(name))
  .sort();
const failed = examples.filter((name) => !endsWell(path.join(root, 'examples', name)));
console.log(`examples: ${examples.length} programs and configurations, ${failed.length} problems`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** @param {string} file */
function endsWell(file) {
  const cairn = path.join(root, 'apps/cli/bin/cairn.js');
  const args = file.endsWith('.yaml') ? [cairn, 'config', 'check', file] : [file];
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'cairn-example-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  rmSync(cwd, { recursive: true });
  if (status !== 0) console.error(`${path.relative(root, file)} ends with ${status}:\n${stdout}${stderr}`);
  return status === 0;
}

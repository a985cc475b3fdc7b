// Packs everything, installs the tarballs into an empty project with npm, and uses them there as a stranger would:
// every entry point is imported, every README's first example runs and prints what it says, the command answers.
//   node tools/pack-and-install.mjs
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { importEntries } from './pack/import-entries.mjs';
import { packAll } from './pack/pack-all.mjs';
import { runExample } from './pack/run-example.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), 'cairn-pack-'));
const project = path.join(folder, 'project');
try {
  mkdirSync(project);
  const packed = packAll(root, folder);
  const problems = install(packed) ?? [...packed.flatMap(use), ...command()];
  for (const problem of problems) console.error(problem);
  console.log(`pack: ${packed.length} packages, ${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}

/**
 * @param {readonly import('./pack/pack-all.mjs').Packed[]} packed
 * @returns {string[] | undefined} what is wrong
 */
function install(packed) {
  const dependencies = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, dependencies }));
  // onnxruntime-node would fetch a GPU build; what the CPU needs is in its tarball.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: project, env, encoding: 'utf8' });
  return status === 0 ? undefined : [`npm install of the tarballs ends with ${status}:\n${stdout}${stderr}`];
}

/** @param {import('./pack/pack-all.mjs').Packed} packed @returns {string[]} what is wrong */
function use({ name }) {
  const installed = path.join(project, 'node_modules', name);
  const problems = importEntries(JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')), project);
  const readme = path.join(installed, 'README.md');
  if (!existsSync(readme)) problems.push('README.md is not in the tarball');
  else problems.push(...runExample({ name, readme: readFileSync(readme, 'utf8'), project }));
  return problems.map((problem) => `${name}: ${problem}`);
}

/** @returns {string[]} what is wrong */
function command() {
  const { status, stdout, stderr } = spawnSync('npx', ['--no', '--', 'cairn', '--help'], {
    cwd: project,
    encoding: 'utf8',
  });
  return status === 0 && stdout.includes('cairn')
    ? []
    : [`npx --no -- cairn --help ends with ${status}:\n${stdout}${stderr}`];
}

// Makes a checkout ready: installs what the lockfile names, then builds every project. Needs Node and npm, nothing else.
//   npm run setup
//   node tools/setup.mjs --only-dependencies
// When nothing changed since the last time it takes about a second.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installStamp } from './setup/install-stamp.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMP = path.join(root, 'node_modules', '.cairn-setup');

const { engines, packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const steps = process.argv.includes('--only-dependencies') ? [install] : [install, build];
process.exitCode = isNodeRecentEnough() ? steps.reduce((exitCode, step) => exitCode || step(), 0) : 1;

/** The first word of a person whose Node is too old must not be a stack trace from the depth of a tool. */
function isNodeRecentEnough() {
  const [major, minor] = /(\d+)\.(\d+)/.exec(engines.node)?.slice(1).map(Number) ?? [];
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return true;
  console.error(
    `Cairn needs Node ${engines.node}, this is ${process.versions.node}. Install a newer Node, then run npm run setup again.`,
  );
  return false;
}

/** @returns {number} exit code */
function install() {
  const stamp = installStamp(root);
  if (readIfThere(STAMP) === stamp) return 0;
  rmSync(STAMP, { force: true });
  const args = ['install', '--frozen-lockfile', '--prefer-offline', '--config.confirm-modules-purge=false'];
  const exitCode = timed('dependencies', 'npx', ['-y', packageManager, ...args]);
  if (exitCode === 0) writeFileSync(STAMP, stamp);
  return exitCode;
}

/** @returns {number} exit code */
function build() {
  return timed('build', path.join(root, 'node_modules', '.bin', 'tsc'), ['-b']);
}

/**
 * Runs a program in the root; what it prints is shown only when it fails.
 * @param {string} name @param {string} program @param {string[]} args @returns {number} exit code
 */
function timed(name, program, args) {
  const start = performance.now();
  // What `npm --silent` asks for is meant for npm, not for the reason of a failure.
  const env = { ...process.env, npm_config_loglevel: 'warn', npm_config_update_notifier: 'false', ...writableCaches() };
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd: root, env, encoding: 'utf8' });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`setup: ${name} ${status === 0 ? 'ready' : 'FAILED'} (${seconds} s)`);
  if (status === 0) return 0;
  if (error) console.error(`${program} does not start: ${error.message}`);
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  return status ?? 1;
}

/** Where the home folder cannot be written, npm and pnpm keep their files in the temporary folder. */
function writableCaches() {
  try {
    accessSync(os.homedir(), constants.W_OK);
    return {};
  } catch {
    const folder = path.join(os.tmpdir(), `cairn-setup-${os.userInfo().uid}`);
    const xdg = { XDG_CACHE_HOME: folder, XDG_DATA_HOME: folder, XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder };
    return { npm_config_cache: path.join(folder, 'npm'), ...xdg };
  }
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

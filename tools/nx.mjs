// Runs nx over the scripts of the projects, on a machine that has no pnpm of its own too:
//   node tools/nx.mjs run-many -t build
// nx starts every script by `pnpm run`, and first takes all of <root>/node_modules out of PATH. Our pnpm is there,
// so PATH names that folder in a spelling that nx keeps.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = `${path.join(root, 'tools')}/../node_modules/.bin`;
const { status, error } = spawnSync(path.join(root, 'node_modules/.bin/nx'), process.argv.slice(2), {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: [programs, process.env.PATH].join(path.delimiter) },
});
if (error) console.error(`nx does not start (${error.message}): run npm run setup first`);
process.exitCode = status ?? 1;

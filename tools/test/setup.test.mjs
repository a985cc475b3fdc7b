import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../setup.mjs', import.meta.url));

test.each(['18.20.4', '20.18.3'])('Node %s is refused in words, before anything is installed', (version) => {
  const pretend = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', pretend, PROGRAM], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toBe(
    `Cairn needs Node >=20.19, this is ${version}. Install a newer Node, then run npm run setup again.\n`,
  );
});

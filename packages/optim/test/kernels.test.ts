import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const TOOL = fileURLToPath(new URL('../../../tools/build-kernels.mjs', import.meta.url));

test('the committed WebAssembly is what its AssemblyScript source gives', () => {
  const { status, stderr } = spawnSync(process.execPath, [TOOL, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

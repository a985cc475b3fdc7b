// Everything: the check, the tests of the built programs, the conformance tests on them, the packages as others would install them, the examples.
//   npm test                VERBOSE=1 shows everything every step prints
// The last line sums the tests; every step without tests of its own counts as one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECK_STEPS, PROGRAMS_STEP, vitestStep } from './steps/check-steps.mjs';
import { runSteps } from './steps/run-steps.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** @type {import('./steps/run-steps.mjs').Step} */
const examples = { name: 'examples', command: ['node', 'tools/run-examples.mjs'] };
const before = treeChanges();
const { passed, failed } = await runSteps(root, [
  ...CHECK_STEPS,
  PROGRAMS_STEP,
  vitestStep('conformance', 'conformance'),
  { name: 'pack', command: ['node', 'tools/pack-and-install.mjs'] },
  ...(existsSync(path.join(root, 'examples')) ? [examples] : []),
]);
const left = treeChanges().filter((change) => !before.includes(change));
for (const change of left) console.log(`FAILED a step left something behind that git sees: ${change}`);
console.log(`${passed} passed, ${failed + left.length} failed`);
process.exitCode = failed + left.length > 0 ? 1 : 0;

/** What git sees as changed, one line a file; nothing where there is no git. */
function treeChanges() {
  const { status, stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.split('\n').filter((line) => line !== '') : [];
}

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { countTests } from '../steps/count-tests.mjs';
import { runSteps } from '../steps/run-steps.mjs';

test('all steps run, also after one that failed; each counts as one', async () => {
  const root = emptyFolder();
  const { sum, said } = await run(root, [
    { name: 'first', command: ['node', '-e', 'console.log("fine")'] },
    { name: 'broken', command: ['node', '-e', 'console.log("out"); console.error("why"); process.exitCode = 3'] },
    { name: 'last', command: ['node', '-e', ''] },
  ]);
  expect(sum).toEqual({ passed: 2, failed: 1 });
  expect(said).toMatch(/^ok +first +\d+\.\d s\nFAILED broken +\d+\.\d s\nout\nwhy\n\nok +last +\d+\.\d s\n$/);
  expect(readFileSync(path.join(root, '.reports/first.log'), 'utf8')).toBe('fine\n');
});

test('nothing runs after a needed step that failed', async () => {
  const { sum } = await run(emptyFolder(), [
    { name: 'install', command: ['node', '-e', 'process.exitCode = 1'], needed: true },
    { name: 'tests', command: ['node', '-e', ''] },
  ]);
  expect(sum).toEqual({ passed: 0, failed: 1 });
});

test('a program that is not there is a failed step', async () => {
  const { sum, said } = await run(emptyFolder(), [{ name: 'lint', command: ['oxlint'] }]);
  expect(sum).toEqual({ passed: 0, failed: 1 });
  expect(said).toMatch(/oxlint does not start/);
});

test('a program ended by a signal is a failed step', async () => {
  const { sum } = await run(emptyFolder(), [
    { name: 'killed', command: ['node', '-e', 'process.kill(process.pid, "SIGKILL")'] },
  ]);
  expect(sum).toEqual({ passed: 0, failed: 1 });
});

test('steps run without colours, in their folder, with the programs of the workspace', async () => {
  const root = emptyFolder();
  mkdirSync(path.join(root, 'node_modules/.bin'), { recursive: true });
  mkdirSync(path.join(root, 'conformance'));
  writeFileSync(
    path.join(root, 'node_modules/.bin/tool'),
    '#!/bin/sh\necho "$NO_COLOR $FORCE_COLOR $(basename "$PWD") $1"\n',
  );
  chmodSync(path.join(root, 'node_modules/.bin/tool'), 0o755);
  vi.stubEnv('FORCE_COLOR', '1');
  onTestFinished(() => void vi.unstubAllEnvs());
  await run(root, [{ name: 'tool', command: ['tool', 'x'], cwd: 'conformance' }]);
  expect(readFileSync(path.join(root, '.reports/tool.log'), 'utf8')).toBe('1  conformance x\n');
});

test('a step with a report counts its tests; a report of an earlier run is not taken for it', async () => {
  const root = emptyFolder();
  const report = '.reports/tests.json';
  const write = `require('fs').writeFileSync('${report}', '${JSON.stringify(reportOf({ passed: 7, failed: 0 }))}')`;
  const writes = { name: 'tests', command: /** @type {const} */ (['node', '-e', write]), report };
  expect((await run(root, [writes])).sum).toEqual({ passed: 7, failed: 0 });
  const breaksOff = { ...writes, command: /** @type {const} */ (['node', '-e', '']) };
  expect((await run(root, [breaksOff])).sum).toEqual({ passed: 0, failed: 1 });
});

test('of a step with a report the failed tests are shown; all that it printed where none says why', async () => {
  const root = emptyFolder();
  const report = '.reports/tests.json';
  const [passed, failed] = [
    { status: 'passed', fullName: 'fine' },
    { status: 'failed', fullName: 'sums > adds', failureMessages: ['expected 3 to be 2\n    at sum.test.ts:3'] },
  ];
  const testResults = [
    { name: path.join(root, 'a/sum.test.ts'), status: 'failed', assertionResults: [passed, failed] },
    { name: path.join(root, 'a/torn.test.ts'), status: 'failed', message: 'Unexpected token', assertionResults: [] },
  ];
  const file = JSON.stringify({ numPassedTests: 1, numFailedTests: 1, testResults });
  writeFileSync(
    path.join(root, 'write.cjs'),
    `console.log('all'); require('fs').writeFileSync('${report}', ${JSON.stringify(file)})`,
  );
  const broken = { name: 'tests', command: /** @type {const} */ (['node', 'write.cjs']), report };
  expect((await run(root, [broken])).said.split('\n').slice(1)).toEqual([
    'a/sum.test.ts > sums > adds',
    'expected 3 to be 2',
    '    at sum.test.ts:3',
    '',
    'a/torn.test.ts: Unexpected token',
    '',
    'all it printed: .reports/tests.log',
    '',
    '',
  ]);
  const breaksOff = { ...broken, command: /** @type {const} */ (['node', '-e', 'console.log("all")']) };
  expect((await run(root, [breaksOff])).said).toMatch(/0 passed, 1 failed\nall\n\n$/);
});

test.each([
  ['all passed', reportOf({ passed: 3, failed: 0 }), 0, { passed: 3, failed: 0 }],
  ['some failed', reportOf({ passed: 3, failed: 2 }), 1, { passed: 3, failed: 2 }],
  ['a file does not load', reportOf({ passed: 3, failed: 0, unloaded: 1 }), 1, { passed: 3, failed: 1 }],
  [
    'a test failed and a file does not load',
    reportOf({ passed: 3, failed: 1, unloaded: 1 }),
    1,
    { passed: 3, failed: 2 },
  ],
  ['the run failed without a failing test', reportOf({ passed: 3, failed: 0 }), 1, { passed: 3, failed: 1 }],
])('tests are summed when %s', (_name, report, exitCode, sum) => {
  const file = path.join(emptyFolder(), 'report.json');
  writeFileSync(file, JSON.stringify(report));
  expect(countTests(file, exitCode)).toEqual(sum);
});

test('no report, or one cut off, is a failure', () => {
  const file = path.join(emptyFolder(), 'report.json');
  expect(countTests(file, 0)).toEqual({ passed: 0, failed: 1 });
  writeFileSync(file, '{"numPassedTests": 3');
  expect(countTests(file, 0)).toEqual({ passed: 0, failed: 1 });
});

/** As vitest writes it. @param {{ passed: number, failed: number, unloaded?: number }} counts */
function reportOf({ passed, failed, unloaded = 0 }) {
  const tests = [...Array(passed).fill({ status: 'passed' }), ...Array(failed).fill({ status: 'failed' })];
  return {
    numPassedTests: passed,
    numFailedTests: failed,
    testResults: [
      { status: failed > 0 ? 'failed' : 'passed', assertionResults: tests },
      ...Array(unloaded).fill({ status: 'failed', assertionResults: [] }),
    ],
  };
}

/** @param {string} root @param {readonly import('../steps/run-steps.mjs').Step[]} steps */
async function run(root, steps) {
  /** @type {string[]} */
  const said = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void said.push(`${line}\n`));
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  try {
    return { sum: await runSteps(root, steps), said: said.join('') };
  } finally {
    log.mockRestore();
    write.mockRestore();
  }
}

function emptyFolder() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cairn-steps-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

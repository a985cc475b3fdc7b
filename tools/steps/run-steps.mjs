import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { countTests, failuresOf } from './count-tests.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {readonly [string, ...string[]]} command  program and arguments; "node" is this Node, others come from node_modules/.bin
 * @property {string} [cwd]     relative to the root
 * @property {boolean} [needed]  whether nothing else can run when it fails
 * @property {string} [report]  the vitest JSON report that it writes, relative to the root
 */

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 */

/** Where reports and the output of every step go, relative to the root; git ignores it. */
export const REPORTS = '.reports';

/**
 * Runs all steps, one after another, also after one that failed unless it was needed. One line a step. Of one that failed its failed tests are shown,
 * or everything that it printed where no test says why; everything of every step with VERBOSE=1.
 * A step with a report counts its tests, any other counts as one.
 * @param {string} root
 * @param {readonly Step[]} steps
 * @returns {Promise<Outcome>}
 */
export async function runSteps(root, steps) {
  mkdirSync(path.join(root, REPORTS), { recursive: true });
  const sum = { passed: 0, failed: 0 };
  for (const step of steps) {
    const { passed, failed } = await runStep(root, step);
    sum.passed += passed;
    sum.failed += failed;
    if (step.needed && failed > 0) break;
  }
  return sum;
}

/** @param {string} root @param {Step} step @returns {Promise<Outcome>} */
async function runStep(root, { name, command, cwd = '.', report }) {
  if (report) rmSync(path.join(root, report), { force: true });
  const start = performance.now();
  const { exitCode, output } = await runQuietly(root, command, path.join(root, cwd));
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  const { passed, failed } = report
    ? countTests(path.join(root, report), exitCode)
    : { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1 };
  const log = `${REPORTS}/${name.replaceAll(' ', '-')}.log`;
  writeFileSync(path.join(root, log), output);
  const tests = report ? `${passed} passed, ${failed} failed` : '';
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(14)} ${seconds} s  ${tests}`.trimEnd());
  if (failed > 0 && process.env.VERBOSE !== '1') {
    const failures = report ? failuresOf(path.join(root, report), root) : [];
    const why = failures.length === 0 ? output.trimEnd() : `${failures.join('\n\n')}\n\nall it printed: ${log}`;
    process.stdout.write(`${why}\n\n`);
  }
  return { passed, failed };
}

/**
 * @param {string} root @param {Step['command']} command @param {string} cwd
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
function runQuietly(root, [program, ...args], cwd) {
  const file = program === 'node' ? process.execPath : path.join(root, 'node_modules', '.bin', program);
  const { FORCE_COLOR: _coloured, ...env } = process.env;
  const child = spawn(file, args, { cwd, env: { ...env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (process.env.VERBOSE === '1') process.stdout.write(text);
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ exitCode: 1, output: `${file} does not start: ${error.message}\n` }));
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}

import path from 'node:path';
import { REPORTS } from './run-steps.mjs';

/** Where a project keeps the tests that start what was built, and those that are whole runs of several ranks: minutes. */
const LONG = ['test/built', 'test/runs'];

/** What a change must pass: everything but whole runs. @type {readonly import('./run-steps.mjs').Step[]} */
export const CHECK_STEPS = [
  { name: 'dependencies', command: ['node', 'tools/setup.mjs', '--only-dependencies'], needed: true },
  { name: 'build', command: ['node', 'tools/setup.mjs'] },
  { name: 'types', command: ['node', 'tools/nx.mjs', 'run-many', '-t', 'typecheck', '--output-style=static'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'boundaries', command: ['node', 'tools/check-boundaries.mjs'] },
  { name: 'budgets', command: ['node', 'tools/check-budgets.mjs'] },
  { name: 'unused', command: ['knip'] },
  { name: 'publishable', command: ['node', 'tools/check-publishable.mjs'] },
  // One run over all projects, files of a project sharing their worker: less than half the time that nx needs for `test`
  // project by project, where every file has a worker of its own.
  vitestStep('tests', '.', '--no-isolate', ...LONG.map((folder) => `--exclude=**/${folder}/**`)),
];

/** The tests of the programs, and of runs of several ranks. @type {import('./run-steps.mjs').Step} */
export const PROGRAMS_STEP = vitestStep('programs', '.', ...LONG);

/**
 * A run of vitest that leaves a report to count.
 * @param {string} name
 * @param {string} cwd relative to the root
 * @param {...string} options
 * @returns {import('./run-steps.mjs').Step}
 */
export function vitestStep(name, cwd, ...options) {
  const report = `${REPORTS}/${name}.json`;
  const outputFile = path.posix.relative(cwd, report);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${outputFile}`];
  return { name, cwd, report, command: ['vitest', 'run', ...reporters, ...options] };
}

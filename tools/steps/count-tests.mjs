import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Sums a vitest JSON report. What failed without a failing test counts too: a file that does not load, a run that broke off, a report that is not there.
 * @param {string} file
 * @param {number} exitCode of the run that wrote it
 * @returns {{ passed: number, failed: number }}
 */
export function countTests(file, exitCode) {
  const report = readReport(file);
  if (report === undefined) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  return { passed: report.numPassedTests, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

/**
 * What failed in a vitest JSON report: file, name and the first failure of each test; a file that does not load with its message.
 * @param {string} file
 * @param {string} root  names of files begin here
 * @returns {readonly string[]}
 */
export function failuresOf(file, root) {
  return (readReport(file)?.testResults ?? []).flatMap(({ name = '', status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    const place = path.relative(root, name);
    if (failed.length === 0) return status === 'failed' ? [`${place}: ${message ?? ''}`] : [];
    return failed.map(({ fullName, failureMessages }) => `${place} > ${fullName}\n${failureMessages?.[0] ?? ''}`);
  });
}

/**
 * @typedef {object} Report  what is read of it
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {{ name?: string, status: string, message?: string, assertionResults: { status: string, fullName?: string, failureMessages?: string[] }[] }[]} testResults
 */

/**
 * @param {string} file
 * @returns {Report | undefined}
 */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

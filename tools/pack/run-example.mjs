import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readmeExample } from './readme-example.mjs';

const CAPTURE = new URL('capture-console.mjs', import.meta.url).href;

/**
 * Runs the first ```js example of a README under plain Node, in a project that has the packages installed.
 * @param {{ name: string, readme: string, project: string }} options  project = the folder of that project
 * @returns {string[]} what is wrong
 */
export function runExample({ name, readme, project }) {
  const example = readmeExample(readme);
  if (example === undefined) return ['README.md has no ```js example'];
  const file = path.join(project, `${name.replace('@', '').replace('/', '-')}.mjs`);
  writeFileSync(file, example.code);
  const { status, stderr, output } = spawnSync(process.execPath, ['--import', CAPTURE, file], {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  if (status !== 0) return [`the example of README.md ends with ${status}:\n${stderr}`];
  return example.printed === undefined ? [] : differences(example.printed, printedCalls(output[3] ?? ''));
}

/** @param {string} text @returns {{ node: string, json: string }[]} */
function printedCalls(text) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** @param {readonly string[]} said @param {readonly { node: string, json: string }[]} printed */
function differences(said, printed) {
  const problems = said.flatMap((words, index) => {
    const { node, json } = printed[index] ?? { node: 'nothing', json: 'nothing' };
    return words === node || words === json ? [] : [`README.md says "${words}", the example prints "${node}"`];
  });
  const more = printed.slice(said.length).map(({ node }) => `the example prints "${node}", README.md does not say so`);
  return [...problems, ...more];
}

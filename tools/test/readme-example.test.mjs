import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readmeExample } from '../pack/readme-example.mjs';
import { runExample } from '../pack/run-example.mjs';

test('the first js example is taken, with what stands beside and below its calls of console.log', () => {
  const readme = inReadme(
    'const a = 1; // a remark\nconsole.log(a); // 1\nfor (const b of [2, 3]) console.log(b);\n// 2\n// 3',
  );
  expect(readmeExample(`${readme}\n${inReadme('second();')}`)?.printed).toEqual(['1', '2', '3']);
  expect(readmeExample('# Name\n\n```ts\nlet a;\n```\n')).toBeUndefined();
});

test('an example that does not give all its output promises none', () => {
  expect(readmeExample(inReadme('console.log(1); // 1\nconsole.log(2);'))?.printed).toBeUndefined();
  expect(readmeExample(inReadme('work(); // does it'))?.printed).toBeUndefined();
});

test('an example that prints what it says is fine, as Node prints it or as JSON', () => {
  expect(problems('console.log(\'a\', 1, [2]); // a 1 [ 2 ]\nconsole.log({ b: 3 }); // {"b":3}')).toEqual([]);
});

test('output that differs, is missing or is too much is named', () => {
  expect(problems('console.log(1 + 1); // 3')).toEqual(['README.md says "3", the example prints "2"']);
  expect(problems('if (0) console.log(1); // 1')).toEqual(['README.md says "1", the example prints "nothing"']);
  expect(problems('for (const n of [1, 2]) console.log(n);\n// 1')).toEqual([
    'the example prints "2", README.md does not say so',
  ]);
});

test('an example that throws is named with its error', () => {
  expect(problems("throw new Error('no such thing');")).toEqual([
    expect.stringMatching(/ends with 1:[^]*no such thing/),
  ]);
});

test('a README without an example is named', () => {
  expect(runExample({ name: '@cairn/bytes', readme: '# Bytes\n', project: emptyFolder() })).toEqual([
    'README.md has no ```js example',
  ]);
});

/** @param {string} code */
function problems(code) {
  return runExample({ name: '@cairn/bytes', readme: inReadme(code), project: emptyFolder() });
}

/** @param {string} code */
function inReadme(code) {
  return `# Name\n\n\`\`\`js\n${code}\n\`\`\`\n`;
}

function emptyFolder() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cairn-readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

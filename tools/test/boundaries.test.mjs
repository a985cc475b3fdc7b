import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { findViolations } from '../boundaries/find-violations.mjs';
import { readWorkspace } from '../workspace/read-workspace.mjs';

const PROGRAM = fileURLToPath(new URL('../check-boundaries.mjs', import.meta.url));

test('a workspace that keeps all rules passes', () => {
  expect(check({})).toEqual([]);
});

test('an import of a higher layer is found, with its file and line', () => {
  const problems = check({
    'packages/bytes/package.json': manifest('bytes', 'contract', { dependencies: ['storage'] }),
    'packages/bytes/src/index.ts': "\nexport { open } from '@cairn/storage';\n",
  });
  expect(problems).toContainEqual(
    expect.stringMatching(
      /^packages\/bytes\/src\/index\.ts:2: @cairn\/bytes \(contract\) may not use @cairn\/storage \(host\)/,
    ),
  );
});

test('tests may not import a higher layer either', () => {
  const problems = check({
    'packages/bytes/package.json': manifest('bytes', 'contract', { devDependencies: ['storage'] }),
    'packages/bytes/src/index.test.ts': "import { open } from '@cairn/storage';\n",
  });
  expect(problems).toContainEqual(
    expect.stringMatching(/^packages\/bytes\/src\/index\.test\.ts:1: .* may not use @cairn\/storage/),
  );
});

test('packages that need each other in a circle are found', () => {
  const problems = check({
    'packages/model/package.json': manifest('model', 'domain', { dependencies: ['bytes'], devDependencies: ['optim'] }),
    'packages/model/src/index.test.ts': "import '@cairn/optim';\n",
    'packages/optim/package.json': manifest('optim', 'domain', { dependencies: ['model'] }),
    'packages/optim/src/index.ts': "export type { Model } from '@cairn/model';\n",
    'packages/optim/tsconfig.build.json': build(['model']),
  });
  expect(problems).toContain('packages need each other in a circle: @cairn/model → @cairn/optim → @cairn/model');
});

test.each([
  ['no layer', []],
  ['two layers', ['layer:domain', 'layer:host']],
  ['an unknown layer', ['layer:core']],
])('a project with %s is found', (_name, tags) => {
  const bytes = { ...JSON.parse(manifest('bytes', 'contract')), nx: { tags } };
  const problems = check({ 'packages/bytes/package.json': JSON.stringify(bytes) });
  expect(problems).toContainEqual(
    expect.stringMatching(/^packages\/bytes\/package\.json: nx\.tags must name one layer/),
  );
});

test.each([
  ['import', "import { z } from 'zod';"],
  ['type import', "import type { z } from 'zod';"],
  ['re-export', "export * from 'zod/mini';"],
  ['dynamic import', "export const load = () => import('zod');"],
  ['import type expression', "export type Z = import('zod').ZodType;"],
  ['import of several lines', "import {\n  a,\n  b,\n} from 'zod';"],
])('an undeclared package is found behind any %s', (_name, text) => {
  const problems = check({ 'packages/bytes/src/index.ts': `${text}\n` });
  expect(problems).toContainEqual(
    expect.stringMatching(
      /^packages\/bytes\/src\/index\.ts:\d+: imports zod, which packages\/bytes\/package\.json does not list/,
    ),
  );
});

test('a devDependency is for tests only', () => {
  const change = { 'packages/model/package.json': manifest('model', 'domain', { devDependencies: ['bytes'] }) };
  const problems = check({ ...change, 'packages/model/tsconfig.build.json': build([]) });
  expect(problems).toContainEqual(expect.stringMatching(/imports @cairn\/bytes, which is only a devDependency/));
  const moved = { 'packages/model/src/index.ts': '', 'packages/model/test/bytes.test.ts': "import '@cairn/bytes';\n" };
  expect(check({ ...change, ...moved, 'packages/model/tsconfig.build.json': build([]) })).toEqual([]);
});

test('an import past the exports of a package is found', () => {
  const problems = check({ 'packages/model/src/index.ts': "export * from '@cairn/bytes/src/half.ts';\n" });
  expect(problems).toContainEqual(
    expect.stringMatching(/imports @cairn\/bytes\/src\/half\.ts, but @cairn\/bytes exports only \.$/),
  );
});

test('a relative import out of the package is found, in tests too', () => {
  const escape = "import { a } from '../../bytes/src/index.ts';\n";
  const problems = check({
    'packages/model/src/index.ts': `import '@cairn/bytes';\n${escape}`,
    'packages/model/test/index.test.ts': escape.replace('src', 'test'),
  });
  expect(problems).toContainEqual(
    expect.stringMatching(/^packages\/model\/src\/index\.ts:2: .*outside packages\/model/),
  );
  expect(problems).toContainEqual(
    expect.stringMatching(/^packages\/model\/test\/index\.test\.ts:1: .*outside packages\/model/),
  );
});

test('config and the other domain packages know nothing of each other', () => {
  const config = { 'packages/config/package.json': manifest('config', 'domain', { dependencies: ['model'] }) };
  const uses = {
    'packages/config/src/index.ts': "import '@cairn/model';\n",
    'packages/config/tsconfig.build.json': build(['model']),
  };
  const root = { 'tsconfig.json': rootConfig(['bytes', 'model', 'storage', 'config']) };
  expect(check({ ...config, ...uses, ...root })).toContainEqual(
    expect.stringMatching(/@cairn\/config may not use @cairn\/model/),
  );
  const back = {
    'packages/config/package.json': manifest('config', 'domain'),
    'packages/config/src/index.ts': '',
    'packages/config/tsconfig.build.json': build([]),
    'packages/model/package.json': manifest('model', 'domain', { dependencies: ['bytes', 'config'] }),
    'packages/model/src/index.ts': "import '@cairn/bytes';\nimport '@cairn/config';\n",
    'packages/model/tsconfig.build.json': build(['bytes', 'config']),
  };
  expect(check({ ...back, ...root })).toContainEqual(expect.stringMatching(/@cairn\/model may not use @cairn\/config/));
});

test('a pure package touches no Node: no import, no types', () => {
  const problems = check({
    'packages/bytes/src/index.ts': "import fs from 'node:fs';\n/// <reference types='node' />\n",
    'packages/bytes/src/index.test.ts': "import fs from 'node:fs';\n",
    'packages/bytes/tsconfig.build.json': JSON.stringify({
      ...JSON.parse(build([])),
      compilerOptions: { types: ['node'] },
    }),
  });
  expect(problems).toEqual([
    'packages/bytes/src/index.ts:1: imports node:fs in a contract package: effects come in through an interface (ByteSource, Folder, …)',
    'packages/bytes/tsconfig.build.json: a contract package compiles with "types": [], found ["node"]',
  ]);
});

test('types of Node named in a file of a pure package are found', () => {
  const problems = check({ 'packages/bytes/src/index.ts': '/// <reference types="node" />\nexport {};\n' });
  expect(problems).toContainEqual(
    expect.stringMatching(/^packages\/bytes\/src\/index\.ts:1: imports node in a contract package/),
  );
});

test('a module of Node is imported by its full name', () => {
  const problems = check({ 'packages/storage/src/index.ts': "import '@cairn/bytes';\nimport fs from 'fs';\n" });
  expect(problems).toEqual(['packages/storage/src/index.ts:2: imports fs: write node:fs']);
});

test('a dependency that nothing imports is found', () => {
  const problems = check({ 'packages/model/src/index.ts': '' });
  expect(problems).toEqual([
    'packages/model/package.json: dependencies list @cairn/bytes, which no published file imports',
  ]);
});

test('a package with a command, or with data alone, is needed without an import and without a reference', () => {
  const cli = { ...JSON.parse(manifest('cli', 'app')), bin: { cairn: './bin/cairn.js' } };
  const { exports: _none, ...data } = JSON.parse(manifest('examples', 'app'));
  const bench = { dependencies: ['bytes', 'cli', 'examples'] };
  const files = {
    'apps/cli/package.json': JSON.stringify(cli),
    'apps/examples/package.json': JSON.stringify(data),
    'apps/bench/package.json': manifest('bench', 'app', bench),
    'apps/bench/src/main.ts': "import '@cairn/bytes';\n",
    'apps/bench/tsconfig.build.json': build(['../packages/bytes']),
    'tsconfig.json': rootConfig(['bytes', 'model', 'storage', '../apps/bench']),
  };
  expect(check(files)).toEqual([]);
});

test('a project without src is itself what it publishes', () => {
  const files = (/** @type {string} */ name) => ({
    'apps/examples/package.json': manifest('examples', 'app', { dependencies: ['bytes'] }),
    [`apps/examples/${name}`]: "import '@cairn/bytes';\n",
  });
  expect(check(files('train.mjs'))).toEqual([]);
  expect(check(files('test/train.test.mjs'))).toEqual([expect.stringMatching(/which no published file imports$/)]);
});

test('dependencies and project references say the same', () => {
  expect(check({ 'packages/model/tsconfig.build.json': build([]) })).toEqual([
    'packages/model/tsconfig.build.json: no reference to packages/bytes/tsconfig.build.json, a dependency in package.json',
  ]);
  expect(check({ 'packages/bytes/tsconfig.build.json': build(['storage']) })).toEqual([
    'packages/bytes/tsconfig.build.json: refers to packages/storage/tsconfig.build.json, which is no dependency in package.json',
  ]);
});

test('the root builds every project', () => {
  expect(check({ 'tsconfig.json': rootConfig(['bytes', 'model', 'gone']) })).toEqual([
    'tsconfig.json: no reference to packages/storage/tsconfig.build.json',
    "tsconfig.json: refers to packages/gone/tsconfig.build.json, which is no project's build",
  ]);
});

test('the command prints what is wrong and ends with 1, with 0 when nothing is', () => {
  const run = (/** @type {string} */ root) => spawnSync(process.execPath, [PROGRAM, root], { encoding: 'utf8' });
  expect(run(workspaceWith({}))).toMatchObject({ status: 0, stderr: '' });
  const { status, stderr, stdout } = run(workspaceWith({ 'packages/model/src/index.ts': '' }));
  expect(status).toBe(1);
  expect(stderr).toBe('packages/model/package.json: dependencies list @cairn/bytes, which no published file imports\n');
  expect(stdout).toBe('boundaries: 3 projects, 5 files, 4 imports, 1 violations\n');
});

/** What is wrong with a small sound workspace when these files are changed. @param {Record<string, string>} changes */
function check(changes) {
  return findViolations(readWorkspace(workspaceWith(changes)));
}

/** @param {Record<string, string>} changes */
function workspaceWith(changes) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'cairn-boundaries-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries({ ...soundWorkspace(), ...changes })) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

/** bytes (contract) under model (domain) and storage (host). */
function soundWorkspace() {
  return {
    'pnpm-workspace.yaml': 'packages:\n  - packages/*\n  - apps/*\n\ncatalog:\n  zod: 4.6.7\n',
    'tsconfig.base.json': '{ "compilerOptions": { "types": [] } }',
    'tsconfig.json': rootConfig(['bytes', 'model', 'storage']),
    'packages/bytes/package.json': manifest('bytes', 'contract'),
    'packages/bytes/src/index.ts': "export { half } from './half.ts';\n",
    'packages/bytes/src/half.ts': 'export const half = 0.5;\n',
    'packages/bytes/vitest.config.ts': "export { default } from '../../vitest.base.ts';\n",
    'packages/bytes/tsconfig.build.json': build([]),
    'packages/model/package.json': manifest('model', 'domain', { dependencies: ['bytes'] }),
    'packages/model/src/index.ts': "export { half } from '@cairn/bytes';\n",
    'packages/model/tsconfig.build.json': build(['bytes']),
    'packages/storage/package.json': manifest('storage', 'host', { dependencies: ['bytes'] }),
    'packages/storage/src/index.ts': "import fs from 'node:fs';\nimport { half } from '@cairn/bytes';\n",
    'packages/storage/tsconfig.build.json': build(['bytes']),
  };
}

/**
 * @param {string} name @param {string} layer
 * @param {{ dependencies?: string[], devDependencies?: string[] }} [lists]
 */
function manifest(name, layer, { dependencies = [], devDependencies = [] } = {}) {
  const workspace = (/** @type {string[]} */ names) =>
    Object.fromEntries(names.map((n) => [`@cairn/${n}`, 'workspace:*']));
  return JSON.stringify({
    name: `@cairn/${name}`,
    exports: { '.': './src/index.ts' },
    dependencies: workspace(dependencies),
    devDependencies: workspace(devDependencies),
    nx: { tags: [`layer:${layer}`] },
  });
}

/** @param {string[]} references */
function build(references) {
  return JSON.stringify({
    extends: '../../tsconfig.base.json',
    references: references.map((name) => ({ path: `../${name}/tsconfig.build.json` })),
  });
}

/** @param {string[]} packages */
function rootConfig(packages) {
  return JSON.stringify({
    files: [],
    references: packages.map((name) => ({ path: `packages/${name}/tsconfig.build.json` })),
  });
}

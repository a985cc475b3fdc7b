import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { installStamp } from '../setup/install-stamp.mjs';

test.each([
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'package.json',
  'packages/bytes/package.json',
  'conformance/package.json',
])('a change of %s asks for an install', (file) => {
  const root = workspace();
  const before = installStamp(root);
  writeFileSync(path.join(root, file), 'changed');
  expect(installStamp(root)).not.toBe(before);
});

test('a new package asks for an install', () => {
  const root = workspace();
  const before = installStamp(root);
  write(root, 'apps/cli/package.json');
  expect(installStamp(root)).not.toBe(before);
});

test('sources and what is installed ask for none', () => {
  const root = workspace();
  const before = installStamp(root);
  for (const file of [
    'packages/bytes/src/half.ts',
    'node_modules/zod/package.json',
    'packages/node_modules/package.json',
  ]) {
    write(root, file);
  }
  expect(installStamp(root)).toBe(before);
});

function workspace() {
  const root = mkdtempSync(path.join(os.tmpdir(), 'cairn-stamp-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const files = [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'package.json',
    'packages/bytes/package.json',
    'conformance/package.json',
  ];
  for (const file of files) write(root, file);
  return root;
}

/** @param {string} root @param {string} file */
function write(root, file) {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), file);
}

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOST } from './local-draft.ts';
import { localFolder } from './local-folder.ts';
import { sweepDrafts } from './sweep-drafts.ts';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-sweep-'));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const DAY_S = 24 * 3600;
const OTHER_HOST = HOST === '00000000' ? '11111111' : '00000000';
/** The number of a process that has just ended. */
const endedPid = (): number => spawnSync(process.execPath, ['--version']).pid;

/** A draft another process left; `ageS` seconds ago it was written to. */
function leave(host: string, pid: number, ageS = 0): string {
  const file = path.join(root, `rank_0/.x.ckpt.${host}-${pid}-7.draft`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, 'half');
  fs.utimesSync(file, Date.now() / 1000 - ageS, Date.now() / 1000 - ageS);
  return file;
}

test('the draft of a process of this host that has ended is removed', () => {
  const left = leave(HOST, endedPid());
  expect(sweepDrafts(root)).toEqual([left]);
  expect(fs.existsSync(left)).toBe(false);
});

test('drafts of this process are kept', async () => {
  const draft = await localFolder(root).create('rank_0/mine');
  expect(sweepDrafts(root)).toEqual([]);
  await localFolder(root).commit([draft]);
  expect((await localFolder(root).list()).map(({ name }) => name)).toEqual(['rank_0/mine']);
});

test('a draft of this number from before this process began is one of an earlier process, and removed', () => {
  const left = leave(HOST, process.pid, process.uptime() + 3600);
  expect(sweepDrafts(root)).toEqual([left]);
});

test('whether the writer on another host lives cannot be seen, so its drafts have a day', () => {
  leave(OTHER_HOST, endedPid(), DAY_S - 60);
  expect(sweepDrafts(root)).toEqual([]);
  const left = leave(OTHER_HOST, endedPid(), DAY_S + 60);
  expect(sweepDrafts(root)).toEqual([left]);
});

test('what is no draft is left alone, whatever its name', () => {
  const names = ['.x.draft', '.x.1-1.draft', `x.${HOST}-1-1.draft`, '.bashrc'];
  for (const name of names) fs.writeFileSync(path.join(root, name), '');
  fs.mkdirSync(path.join(root, `.d.${HOST}-999999-1.draft`));
  expect(sweepDrafts(root)).toEqual([]);
  expect(fs.readdirSync(root)).toHaveLength(5);
});

test('a folder that is not there has no drafts', () => {
  expect(sweepDrafts(path.join(root, 'none'))).toEqual([]);
});

test('the draft an earlier process of this number left is passed over, not written into', async () => {
  const folder = localFolder(root);
  const probe = await folder.create('rank_0/x.ckpt');
  const [hidden = ''] = fs.readdirSync(path.join(root, 'rank_0'));
  const number = Number(/-(\d+)\.draft$/.exec(hidden)?.[1]);
  await probe.discard();
  const left = path.join(root, 'rank_0', hidden.replace(/\d+\.draft$/, `${number + 1}.draft`));
  fs.writeFileSync(left, 'of the past');
  const draft = await folder.create('rank_0/x.ckpt');
  await draft.write(0, new TextEncoder().encode('new'));
  await folder.commit([draft]);
  expect(fs.readFileSync(left, 'utf8')).toBe('of the past');
  expect(fs.readFileSync(path.join(root, 'rank_0/x.ckpt'), 'utf8')).toBe('new');
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { localFolder, sweepDrafts } from '../src/index.ts';
import { NodeProgram } from './node-program.ts';

let program: NodeProgram;
beforeAll(() => {
  program = new NodeProgram();
});
afterAll(() => program.remove());

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-processes-'));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

test('a process killed between two renames leaves the first file, and a draft that is swept', async () => {
  const script = `
    import fs from 'node:fs';
    const rename = fs.renameSync;
    let renames = 0;
    fs.renameSync = (...names) => (++renames === 2 ? process.kill(process.pid, 'SIGKILL') : rename(...names));
    const folder = storage.localFolder(${JSON.stringify(root)});
    const drafts = [await folder.create('payload'), await folder.create('pointer')];
    for (const draft of drafts) draft.write(0, new Uint8Array(5));
    await folder.commit(drafts);
  `;
  const { signal, stderr } = spawnSync(process.execPath, program.arguments(script), { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(signal).toBe('SIGKILL');
  expect((await localFolder(root).list()).map(({ name }) => name)).toEqual(['payload']);
  expect(sweepDrafts(root)).toHaveLength(1);
  expect(fs.readdirSync(root)).toEqual(['payload']);
});

test('processes that commit the same name replace it whole: a reader never sees a mixture', async () => {
  const writer = (letter: string) => `
    const folder = storage.localFolder(${JSON.stringify(root)});
    for (let i = 0; i < 40; i++) {
      const draft = await folder.create('shared');
      for (let at = 0; at < 8; at++) draft.write(at * 1000, Buffer.alloc(1000, ${JSON.stringify(letter)}));
      await folder.commit([draft]);
    }
  `;
  const children = ['a', 'b', 'c'].map((letter) => spawn(process.execPath, program.arguments(writer(letter))));
  const ends = children.map((child) => once(child, 'exit'));
  const over = Promise.all(ends).then((codes) => ({ codes: codes.map(([code]) => Number(code)) }));
  const seen = new Set<string>();
  const folder = localFolder(root);
  for (;;) {
    const done = await Promise.race([over, new Promise<null>((resolve) => setImmediate(resolve, null))]);
    for (const { name, bytes } of await folder.list()) {
      expect({ name, bytes }).toEqual({ name: 'shared', bytes: 8000 });
      const source = await folder.open(name);
      const content = new Uint8Array(8000);
      expect(await source.read(0, content)).toBe(8000);
      await source.close();
      seen.add([...new Set(content)].map((byte) => String.fromCodePoint(byte)).join(''));
    }
    if (done === null) continue;
    expect(done.codes).toEqual([0, 0, 0]);
    break;
  }
  expect([...seen].every((letters) => letters.length === 1)).toBe(true);
  expect(fs.readdirSync(root)).toEqual(['shared']);
}, 30_000);

test('drafts of a living process of this host are not swept by another', () => {
  const script = `
    import { spawnSync } from 'node:child_process';
    await storage.localFolder(${JSON.stringify(root)}).create('mine');
    const args = ${JSON.stringify(program.arguments(`console.log(storage.sweepDrafts(${JSON.stringify(root)}).length)`))};
    process.stdout.write(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout);
  `;
  expect(spawnSync(process.execPath, program.arguments(script), { encoding: 'utf8' }).stdout.trim()).toBe('0');
  expect(sweepDrafts(root)).toHaveLength(1);
});

import type { OpenSource } from '@cairn/bytes';
import { beforeAll, expect, test } from 'vitest';
import { openMindRecord, writeMindRecord } from '../src/index.ts';
import { MemoryFolder } from './memory-folder.ts';

const folder = new MemoryFolder();
const schema = { k: { type: 'int32' }, data: { type: 'bytes' } } as const;
const rows = Array.from({ length: 30 }, (_, k) => ({ k, data: new Uint8Array(400_000 + k).fill(k) }));
const all = rows.map((_, i) => i);

beforeAll(async () => {
  await writeMindRecord(folder, 'a', { schema, rows, shards: 2, pageBytes: 2 ** 20 });
});

/** Sources made of the memory folder's, counted. */
function watched(change: (source: OpenSource) => OpenSource) {
  const counts = { opened: 0, closed: 0, reads: 0 };
  const open = async (name: string): Promise<OpenSource> => {
    const source = change(await folder.open(name));
    counts.opened += 1;
    return {
      size: source.size,
      read: (offset, into) => ((counts.reads += 1), source.read(offset, into)),
      close: () => void (counts.closed += 1),
    };
  };
  return { open, counts };
}

test('rows of more than one piece come from a source that answers later as from one that answers at once', async () => {
  const slow = watched((source) => ({ ...source, read: async (offset, into) => source.read(offset, into) }));
  const fast = watched((source) => source);
  for (const { open, counts } of [slow, fast]) {
    const file = await openMindRecord(open, 'a0');
    expect(await file.read(all, ['k'])).toEqual(
      [...all.filter((k) => k % 2 === 0), ...all.filter((k) => k % 2)].map((k) => ({ k })),
    );
    const read = await file.read(all);
    expect(read).toHaveLength(30);
    const equal = read.map((row) => Buffer.compare(row['data'] as Uint8Array, rows[Number(row['k'])]!.data));
    expect(equal).toEqual(all.map(() => 0));
    await file.close();
    expect(counts.closed).toBe(counts.opened);
  }
});

test('rows that lie one after another are read at once', async () => {
  const { open, counts } = watched((source) => source);
  const file = await openMindRecord(open, 'a0');
  counts.reads = 0;
  await file.read(all.slice(0, 15), ['k']);
  expect(counts.reads).toBe(1);
  counts.reads = 0;
  await file.read([0, 2, 4, 6], ['k']);
  expect(counts.reads).toBe(4);
  await file.close();
});

test('a source that gives less than it promised is a truncated file', async () => {
  const { open } = watched((source) => ({
    ...source,
    read: (offset, into) =>
      into.length > 300_000 ? source.read(offset, into.subarray(0, 1000)) : source.read(offset, into),
  }));
  const file = await openMindRecord(open, ['a1']);
  await expect(file.read([3])).rejects.toMatchObject({ code: 'truncated', file: 'a1', row: 3 });
});

test('a file that ends before its last page does is refused when it is opened', async () => {
  const { open } = watched((source) => (source.size > 5_000_000 ? { ...source, size: 3_000_000 } : source));
  await expect(openMindRecord(open, ['a1'])).rejects.toMatchObject({ code: 'truncated', file: 'a1', byte: 3_000_000 });
});

test('when opening fails, what was opened is closed, and an error of the host passes unchanged', async () => {
  const { open, counts } = watched((source) => source);
  await expect(openMindRecord(open, ['a0', 'nothing'])).rejects.toMatchObject({
    code: 'file-missing',
    file: 'nothing',
  });
  expect(counts.closed).toBe(counts.opened);
  const bare = new MemoryFolder([['a0', folder.files.get('a0')!]]);
  let stillOpen = 0;
  const counted = async (name: string): Promise<OpenSource> => {
    const source = await bare.open(name);
    stillOpen += 1;
    return { ...source, close: () => void (stillOpen -= 1) };
  };
  await expect(openMindRecord(counted, ['a0'])).rejects.toMatchObject({ code: 'file-missing', file: 'a0.db' });
  expect(stillOpen).toBe(0);
  const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
  await expect(openMindRecord(() => Promise.reject(denied), ['a0'])).rejects.toBe(denied);
});

test('an empty list and more files than MindSpore reads are refused', async () => {
  await expect(openMindRecord(folder.open, [])).rejects.toMatchObject({ code: 'limit' });
  const many = Array.from({ length: 4097 }, () => 'a0');
  await expect(openMindRecord(folder.open, many)).rejects.toMatchObject({ code: 'limit' });
});

test('the files of a set lie beside the one that is named, whatever its header says', async () => {
  const moved = new MemoryFolder();
  for (const [name, bytes] of folder.files) moved.files.set(`x/${name}`, bytes.slice());
  const header = moved.files.get('x/a0')!;
  const length = Number(new DataView(header.buffer).getBigUint64(0, true));
  const json = new TextDecoder().decode(header.subarray(8, 8 + length)).replace('["a0","a1"]', '["../a0","/y/a1"]');
  header.set(new TextEncoder().encode(json), 8);
  new DataView(header.buffer).setBigUint64(0, BigInt(json.length), true);
  const file = await openMindRecord(moved.open, 'x/a0');
  expect(file.files.map(({ name }) => name)).toEqual(['x/a0', 'x/a1']);
});

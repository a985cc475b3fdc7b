import { expect, test } from 'vitest';
import type { MindRecordErrorCode, Row, Schema, WriteOptions } from '../src/index.ts';
import { MindRecordError, openMindRecord, writeMindRecord } from '../src/index.ts';
import { goldenJson } from './golden.ts';
import { MemoryFolder } from './memory-folder.ts';

/** Wrong use and damage as the real library answers it (conformance/golden/mindrecord/behaviour.json). */
const { cases } = goldenJson('behaviour.json') as { cases: { case: string; ok: boolean }[] };
/** These are about sampling: packages/data. */
const SAMPLING = [
  'shuffle FILES with num_samples',
  'shard_id without num_shards',
  'shard_id == num_shards',
  'padded not divisible',
];

const V: Schema = { v: { type: 'int32', shape: [-1] } };
const one = (v: Row[string]): Row[] => [{ v }];
const ints = (...values: number[]): Int32Array => Int32Array.from(values);
const MIXED: Schema = { ...V, a: { type: 'int32' }, b: { type: 'string' }, c: { type: 'float32' } };

interface Answer {
  /** Ours; when it is an error and the real library accepts, or the reverse, the case is in docs/compatibility.md. */
  readonly code?: MindRecordErrorCode;
  readonly rows?: readonly unknown[];
  readonly differs?: boolean;
  readonly run: (folder: MemoryFolder) => Promise<unknown>;
}

const SMALL = { headerBytes: 16384, pageBytes: 32768 };

function write(options: Partial<WriteOptions>, name = 'a.mr'): (folder: MemoryFolder) => Promise<unknown> {
  return async (folder) => {
    await writeMindRecord(folder, name, { schema: V, rows: one(ints(1)), ...SMALL, ...options });
    return readAll(folder, [options.shards === undefined ? name : `${name}0`]);
  };
}

async function readAll(folder: MemoryFolder, names: string | string[], columns?: string[]): Promise<readonly Row[]> {
  const file = await openMindRecord(folder.open, names);
  return file.read(
    Array.from({ length: file.rows }, (_, i) => i),
    columns,
  );
}

/** Writes a file, changes it, reads it. */
function changed(
  change: (folder: MemoryFolder, bytes: Uint8Array) => void,
  options: Partial<WriteOptions> = {},
): (folder: MemoryFolder) => Promise<unknown> {
  return async (folder) => {
    await write({ rows: one(ints(1, 2)), ...options })(folder);
    change(folder, folder.files.get('a.mr')!);
    return readAll(folder, ['a.mr']);
  };
}

function both(first: Partial<WriteOptions>, second: Partial<WriteOptions>) {
  return async (folder: MemoryFolder): Promise<unknown> => {
    await write(first, 'a.mr')(folder);
    await write(second, 'b.mr')(folder);
    return readAll(folder, ['a.mr', 'b.mr']);
  };
}

function inHeader(bytes: Uint8Array, find: string, put: string): void {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset).indexOf(find);
  bytes.set(new TextEncoder().encode(put), at);
}

const bytesOf = (length: number): Row[] => one(new Uint8Array(length).fill(7));
const B: Schema = { v: { type: 'bytes' } };

const answers: Record<string, Answer> = {
  'overwrite=False and the file exists': {
    code: 'file-exists',
    run: async (folder) => (await write({})(folder), write({})(folder)),
  },
  'overwrite=True and the file exists': {
    rows: one(ints(2)),
    run: async (folder) => (await write({})(folder), write({ overwrite: true, rows: one(ints(2)) })(folder)),
  },
  'blob row + 8 > page size': { code: 'row-too-large', run: write({ schema: B, rows: bytesOf(32768 - 7) }) },
  'blob row + 8 == page size': { run: write({ schema: B, rows: bytesOf(32768 - 8) }) },
  'raw row > page size': {
    code: 'row-too-large',
    run: write({ schema: { v: { type: 'string' } }, rows: one('x'.repeat(32768)) }),
  },
  'header_size 8192': { code: 'size', run: write({ headerBytes: 8192 }) },
  'header_size 16386 (not a multiple of 4)': { code: 'size', run: write({ headerBytes: 16386 }) },
  'page_size 32770': { code: 'size', run: write({ pageBytes: 32770 }) },
  'page_size 16384': { code: 'size', run: write({ pageBytes: 16384 }) },
  'page_size 2^28+4': { code: 'size', run: write({ pageBytes: 2 ** 28 + 4 }) },
  'header_size 2^27+4': { code: 'size', run: write({ headerBytes: 2 ** 27 + 4 }) },
  'header too small for its pages': {
    code: 'header-too-large',
    run: write({ schema: B, rows: Array.from({ length: 120 }, () => ({ v: new Uint8Array(30000) })) }),
  },
  'column name with -': { code: 'schema', run: write({ schema: { 'a-b': { type: 'int32' } } }) },
  'file name with a space': { run: write({}, 'a b.mr') },
  'file name with ;': { code: 'name', run: write({}, 'a;b.mr') },
  'int64 array for an int32 column': { code: 'row-invalid', run: write({ rows: one(BigInt64Array.of(1n)) }) },
  'list for an array column': { code: 'row-invalid', run: write({ rows: one([1] as unknown as Int32Array) }) },
  'a missing column': { code: 'row-invalid', run: write({ rows: [{}] }) },
  'an extra column is ignored': { rows: one(ints(1)), run: write({ rows: [{ v: ints(1), w: 'x' }] }) },
  'one bad row of two is dropped with a warning': {
    code: 'row-invalid',
    differs: true,
    run: write({ rows: [{ v: ints(1) }, { w: 1 }] }),
  },
  'shape [-1,-1]': { code: 'schema', run: write({ schema: { v: { type: 'int32', shape: [-1, -1] } } }) },
  'shape [0]': { code: 'schema', run: write({ schema: { v: { type: 'int32', shape: [0] } } }) },
  'shape [3] and an array of 4': {
    code: 'row-invalid',
    run: write({ schema: { v: { type: 'int32', shape: [3] } }, rows: one(ints(1, 2, 3, 4)) }),
  },
  'empty array in a [-1] column': { code: 'row-invalid', run: write({ rows: one(ints()) }) },
  'type uint8': { code: 'schema', run: write({ schema: { v: { type: 'uint8' as 'int32' } } }) },
  'bytes with a shape': { code: 'schema', run: write({ schema: { v: { type: 'bytes', shape: [-1] } } }) },
  'index on an array column': { code: 'schema', run: write({ indexFields: ['v'] }) },
  'index on an unknown column': { code: 'schema', run: write({ indexFields: ['zz'] }) },
  '2 shards, write of 0 rows': { rows: [], run: write({ shards: 2, rows: [[]] }) },
  'shard_num 0': { code: 'size', run: write({ shards: 0 }) },
  'shard_num 1001': { code: 'size', run: write({ shards: 1001 }) },
  'read a renamed pair': {
    code: 'name-mismatch',
    run: async (folder) => {
      await write({})(folder);
      folder.files.set('h.mr', folder.files.get('a.mr')!);
      folder.files.set('h.mr.db', folder.files.get('a.mr.db')!);
      return readAll(folder, ['h.mr']);
    },
  },
  'read without .db': { code: 'file-missing', run: changed((folder) => folder.files.delete('a.mr.db')) },
  'unknown column in columns_list': {
    code: 'column-missing',
    run: async (folder) => (await write({})(folder), readAll(folder, ['a.mr'], ['nope'])),
  },
  'two files of different schema in one list': {
    code: 'files-differ',
    run: both({}, { schema: { w: { type: 'int32', shape: [-1] } }, rows: [{ w: ints(1) }] }),
  },
  'two files of different page size in one list': { code: 'files-differ', run: both({}, { pageBytes: 32772 }) },
  'one shard by string loads all shards': {
    rows: one(ints(1)),
    run: async (folder) => (await write({ shards: 2 })(folder), readAll(folder, 'a.mr1')),
  },
  'string path, a listed shard is missing': {
    code: 'file-missing',
    run: async (folder) => (await write({ shards: 2 })(folder), folder.files.delete('a.mr1'), readAll(folder, 'a.mr0')),
  },
  'list path, another shard is missing': {
    rows: one(ints(1)),
    run: async (folder) => (
      await write({ shards: 2 })(folder),
      folder.files.delete('a.mr1'),
      readAll(folder, ['a.mr0'])
    ),
  },
  'same file twice in a list': {
    rows: [...one(ints(1)), ...one(ints(1))],
    run: async (folder) => (await write({})(folder), readAll(folder, ['a.mr', 'a.mr'])),
  },
  'unknown version': { code: 'version', run: changed((_, bytes) => inHeader(bytes, '"3.0"', '"9.0"')) },
  // Seven bytes of packed integers: the real library drops three of them and delivers 33554432.
  'version 2.0 (blob then taken as unpacked)': {
    code: 'row-damaged',
    differs: true,
    run: changed((_, bytes) => inHeader(bytes, '"3.0"', '"2.0"')),
  },
  'truncated header': {
    code: 'truncated',
    run: changed((folder, bytes) => folder.files.set('a.mr', bytes.subarray(0, 100))),
  },
  'truncated data': {
    code: 'truncated',
    run: changed((folder, bytes) => folder.files.set('a.mr', bytes.subarray(0, 16384 + 10))),
  },
  'packed count of a blob damaged (first byte ff)': {
    code: 'row-damaged',
    run: changed((_, bytes) => bytes.set([0xff], 16384 + 8)),
  },
  'length field of the first blob damaged (the index is used, not the field)': {
    rows: one(ints(1, 2)),
    run: changed((_, bytes) => bytes.set([0xff], 16384)),
  },
  'MessagePack map damaged (0xc1)': {
    code: 'row-damaged',
    run: changed((_, bytes) => bytes.set([0xc1], 16384 + 32768 + 8), {
      schema: { v: { type: 'int32' } },
      rows: one(5),
    }),
  },
  'column order of columns_list': {
    rows: [{ v: ints(1), b: 'x', a: 1 }],
    run: async (folder) => {
      await write({ schema: MIXED, rows: [{ v: ints(1), a: 1, b: 'x', c: 0.5 }] })(folder);
      const rows = await readAll(folder, ['a.mr'], ['v', 'b', 'a']);
      expect(Object.keys(rows[0]!)).toEqual(['v', 'b', 'a']);
      expect(Object.keys((await readAll(folder, ['a.mr']))[0]!)).toEqual(['a', 'b', 'c', 'v']);
      return rows;
    },
  },
  'empty bytes value': { code: 'row-invalid', run: write({ schema: B, rows: bytesOf(0) }) },
  'empty string value': { rows: [{ a: '' }], run: write({ schema: { a: { type: 'string' } }, rows: [{ a: '' }] }) },
};

for (const { case: name, ok } of cases.filter(({ case: name }) => !SAMPLING.includes(name))) {
  test(`${name}: ${ok ? 'accepted' : 'refused'} by the real library`, async () => {
    const { code, rows, differs = false, run } = answers[name]!;
    expect(code === undefined).toBe(differs ? !ok : ok);
    const folder = new MemoryFolder();
    const outcome = await run(folder).catch((error: unknown) => error);
    expect(outcome instanceof Error).toBe(code !== undefined);
    expect(outcome instanceof MindRecordError ? outcome.code : outcome).toEqual(code ?? rows ?? outcome);
    expect(folder.drafts).toBe(0);
  });
}

test('with invalidRows drop, bad rows are left out as in the real library, and counted', async () => {
  const folder = new MemoryFolder();
  const rows = [{ v: ints(1) }, { w: 1 }, { v: [2] as unknown as Int32Array }, { v: ints(3) }];
  const options = { schema: V, ...SMALL, invalidRows: 'drop' } as const;
  expect(await writeMindRecord(folder, 'a.mr', { ...options, rows })).toEqual({ rows: 2, dropped: 2, files: ['a.mr'] });
  expect(await readAll(folder, ['a.mr'])).toEqual([{ v: ints(1) }, { v: ints(3) }]);
  const none = writeMindRecord(folder, 'b.mr', { ...options, rows: [{ w: 1 }] });
  await expect(none).rejects.toMatchObject({ code: 'row-invalid' });
});

test('a file marked 2.0 is read without unpacking', async () => {
  const as2 = changed((_, bytes) => inHeader(bytes, '"3.0"', '"2.0"'), { rows: one(ints(1, 2, 3)) });
  expect(await as2(new MemoryFolder())).toEqual(one(ints(0x03000000, 0x03020100)));
});

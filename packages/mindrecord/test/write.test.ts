import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Row, WriteOptions } from '../src/index.ts';
import { openMindRecord, writeMindRecord } from '../src/index.ts';
import { MemoryFolder } from './memory-folder.ts';
import { dataSet } from './rows.ts';

const SMALL = { headerBytes: 16384, pageBytes: 32768 };

test('what is written is what is read: any schema, any rows, any number of files', async () => {
  const property = fc.asyncProperty(
    dataSet,
    fc.integer({ min: 1, max: 12 }),
    fc.boolean(),
    async ({ schema, rows }, shards, oneCall) => {
      const folder = new MemoryFolder();
      const options = { schema, shards, ...SMALL, rows: oneCall ? [rows] : rows };
      const result = await writeMindRecord(folder, 'dir/a.mindrecord', options);
      expect(result).toMatchObject({ rows: rows.length, dropped: 0 });
      expect(result.files).toHaveLength(shards);
      expect([...folder.files.keys()].every((name) => folder.modes.get(name) === 0o600)).toBe(true);
      const file = await openMindRecord(folder.open, result.files.at(-1)!);
      const counts = file.files.map((file) => file.rows);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      const read = await file.read(Array.from({ length: file.rows }, (_, i) => i));
      const dealtOut = counts.flatMap((_, shard) => rows.filter((_, i) => i % shards === shard));
      expect(read).toEqual(oneCall ? rows : dealtOut);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test('rows in any order and with repetitions come from the files they are in', async () => {
  const folder = new MemoryFolder();
  const rows = Array.from({ length: 50 }, (_, k) => ({ k, v: Int32Array.of(k, k * k) }));
  const schema = { k: { type: 'int32' }, v: { type: 'int32', shape: [-1] } } as const;
  await writeMindRecord(folder, 'a', { schema, rows: [rows], shards: 7, ...SMALL });
  const file = await openMindRecord(folder.open, 'a0');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(49)), async (numbers) => {
      expect(await file.read(numbers)).toEqual(numbers.map((k) => rows[k]));
      expect(await file.read(numbers, ['k'])).toEqual(numbers.map((k) => ({ k })));
    }),
  );
  await expect(file.read([50])).rejects.toMatchObject({ code: 'row-number', row: 50 });
  await expect(file.read([-1])).rejects.toMatchObject({ code: 'row-number' });
  await expect(file.read([0.5])).rejects.toMatchObject({ code: 'row-number' });
  expect(await file.read([3], [])).toEqual([{}]);
});

test('rows stream: an endless source is read only as far as it was asked, and little is held', async () => {
  const folder = new MemoryFolder();
  let made = 0;
  let written = 0;
  const create = folder.create.bind(folder);
  folder.create = async (name, options) => {
    const draft = await create(name, options);
    return { ...draft, write: (_, bytes) => void (written += bytes.length) };
  };
  const row = { data: new Uint8Array(100_000) };
  async function* rows(): AsyncGenerator<Row> {
    for (; made < 200; made++) {
      yield row;
      expect(made * 100_000 - written).toBeLessThan(2 * 2 ** 20);
    }
    throw new Error('enough');
  }
  const writing = writeMindRecord(folder, 'a', { schema: { data: { type: 'bytes' } }, rows: rows() });
  await expect(writing).rejects.toThrow('enough');
  expect(written).toBeGreaterThan(18_000_000);
});

const V = { v: { type: 'int32', shape: [-1] } } as const;
const good = { v: Int32Array.of(1) };

test('an error leaves no draft and no file, and names the row', async () => {
  const folder = new MemoryFolder();
  const options: WriteOptions = { schema: V, shards: 3, rows: [good, good, { v: 7 }], ...SMALL };
  await expect(writeMindRecord(folder, 'a', options)).rejects.toMatchObject({
    code: 'row-invalid',
    row: 2,
    column: 'v',
    message: expect.stringMatching(/row 2: column v \(int32 \[-1\]\) is a number, not an Int32Array; correct the row/),
  });
  expect(folder.drafts).toBe(0);
  expect(folder.files.size).toBe(0);
});

test('an abort stops the writing', async () => {
  const folder = new MemoryFolder();
  const controller = new AbortController();
  function* rows(): Generator<Row> {
    yield good;
    controller.abort(new Error('stop'));
    yield good;
  }
  const writing = writeMindRecord(folder, 'a', { schema: V, rows: rows(), ...SMALL, signal: controller.signal });
  await expect(writing).rejects.toThrow('stop');
  expect(folder.drafts).toBe(0);
});

test('every scalar is checked: type, range, kind', async () => {
  const bad: [WriteOptions['schema'][string], unknown][] = [
    [{ type: 'int32' }, 2 ** 31],
    [{ type: 'int32' }, 1.5],
    [{ type: 'int32' }, '1'],
    [{ type: 'int64' }, 2n ** 63n],
    [{ type: 'int64' }, 2 ** 60],
    [{ type: 'float32' }, 1n],
    [{ type: 'float64' }, null],
    [{ type: 'string' }, 1],
    [{ type: 'bytes' }, 'text'],
    [{ type: 'float32', shape: [2] }, new Float64Array(2)],
    [{ type: 'int64', shape: [-1, 2] }, new BigInt64Array(3)],
  ];
  for (const [field, value] of bad) {
    const rows = [{ a: value }] as unknown as Row[];
    const writing = writeMindRecord(new MemoryFolder(), 'x', { schema: { a: field }, rows, ...SMALL });
    await expect(writing).rejects.toMatchObject({ code: 'row-invalid', row: 0, column: 'a' });
  }
});

test('default sizes reserve nothing: a file of one row is written in a few hundred bytes', async () => {
  const folder = new MemoryFolder();
  await writeMindRecord(folder, 'a', { schema: V, rows: [good] });
  expect(folder.largestWrite).toBeLessThan(40_000);
  expect(folder.files.get('a')!.length).toBe(2 ** 24 + 2 ** 25 + 13);
});

test('nothing is written over: an index that is there alone is enough to refuse', async () => {
  const folder = new MemoryFolder([['a.db', new Uint8Array(1)]]);
  const writing = writeMindRecord(folder, 'a', { schema: V, rows: [good] });
  await expect(writing).rejects.toMatchObject({ code: 'file-exists', file: 'a.db' });
});

test('index fields that SQLite would take for one column are refused, with a way out', async () => {
  const schema = { a: { type: 'int32' }, A: { type: 'int32' }, inc: { type: 'string' } } as const;
  const rows = [{ a: 1, A: 2, inc: 'x' }];
  for (const indexFields of [undefined, ['a', 'A'], ['a', 'a'], ['inc']]) {
    const options = { schema, rows, ...SMALL, ...(indexFields && { indexFields }) };
    await expect(writeMindRecord(new MemoryFolder(), 'x', options)).rejects.toMatchObject({ code: 'schema' });
  }
  const folder = new MemoryFolder();
  await writeMindRecord(folder, 'x', { schema, rows, indexFields: ['A'], ...SMALL });
  expect(await (await openMindRecord(folder.open, ['x'])).read([0])).toEqual(rows);
});

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import type { Row } from '../src/index.ts';
import { openMindRecord, writeMindRecord } from '../src/index.ts';
import type { GoldenFile, GoldenPart } from './golden.ts';
import { bigintSpelled, golden, goldenFolder, rowsToWrite, stringSpelled } from './golden.ts';
import { MemoryFolder } from './memory-folder.ts';

interface TestSql {
  exec(sql: string, values?: unknown, config?: { useBigInt: boolean }): { columns: string[]; values: unknown[][] }[];
}
// sql.js as it is: independent of what the package does with it.
const initSql = createRequire(import.meta.url)('sql.js') as () => Promise<{ Database: new (b: Uint8Array) => TestSql }>;

/** The write_raw_data calls that made the golden file. */
function calls({ spec }: GoldenFile, rows: readonly Row[]): Row[][] {
  const sizes = spec.append === undefined ? [] : [spec.rows, spec.append];
  const perCall = spec.rows_per_call ?? rows.length;
  while (sizes.reduce((sum, size) => sum + size, 0) < rows.length) sizes.push(perCall);
  let at = 0;
  return sizes.map((size) => rows.slice(at, (at += size)));
}

async function rewritten(file: GoldenFile, name: string, part: GoldenPart): Promise<MemoryFolder> {
  const original = await openMindRecord(goldenFolder([name]).open, [name]);
  const read = await original.read(part.rows.map((_, i) => i));
  const folder = new MemoryFolder();
  const { spec } = file;
  await writeMindRecord(folder, name, {
    schema: spec.schema,
    rows: calls(file, rowsToWrite(part, spec.schema, read)),
    ...(spec.header_size && { headerBytes: spec.header_size }),
    ...(spec.page_size && { pageBytes: spec.page_size }),
    ...(spec.index && { indexFields: spec.index }),
    ...(spec.desc && { description: spec.desc }),
  });
  return folder;
}

for (const file of golden.filter(({ spec }) => (spec.shards ?? 1) === 1)) {
  const { name } = file.spec;
  const part = file.parts[name]!;
  test(`${name} written again from its rows has the real library's bytes and index`, async () => {
    const folder = await rewritten(file, name, part);
    expect(folder.modes.get(name)).toBe(Number(part.mode));
    const bytes = folder.files.get(name)!;
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + part.header.length * 4)).slice(0, part.header.length)).toBe(
      part.header,
    );
    expect(bytes.length).toBe(part.bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(part.sha256);

    const { Database } = await initSql();
    const database = new Database(folder.files.get(`${name}.db`)!);
    const tables = database.exec("SELECT sql FROM sqlite_master WHERE type = 'table'")[0]!.values.flat();
    expect(tables).toEqual(part.ddl);
    expect(database.exec('SELECT NAME FROM SHARD_NAME')[0]!.values).toEqual([[part.shard_name]]);
    const [indexes] = database.exec('SELECT * FROM INDEXES ORDER BY ROW_ID', undefined, { useBigInt: true });
    expect((indexes?.values ?? []).map((row) => row.map(spelledSql))).toEqual(part.index);
  });
}

function spelledSql(value: unknown): unknown {
  if (typeof value === 'bigint') return bigintSpelled(value);
  return typeof value === 'string' ? stringSpelled(value) : value;
}

test('the files of a set differ from the real ones only in which rows they hold', async () => {
  for (const name of ['four.mindrecord', 'blockwise.mindrecord']) {
    const file = golden.find(({ spec }) => spec.name === name)!;
    const names = Object.keys(file.parts);
    const real = await openMindRecord(goldenFolder(names).open, names[0]!);
    const rows = await real.read(Array.from({ length: real.rows }, (_, i) => i));
    const byNumber = [...rows].sort((a, b) => Number(a['k']) - Number(b['k']));
    const folder = new MemoryFolder();
    const { rows_per_call: perCall, schema, shards } = file.spec;
    const options = { schema, shards: shards!, headerBytes: 16384, pageBytes: 32768 };
    await writeMindRecord(folder, name, { ...options, rows: perCall === 1 ? byNumber : [byNumber] });
    const ours = await openMindRecord(folder.open, names[0]!);
    expect(ours.files.map(({ name }) => name)).toEqual(names);
    const sorted = await ours.read(Array.from({ length: ours.rows }, (_, i) => i));
    expect([...sorted].sort((a, b) => Number(a['k']) - Number(b['k']))).toEqual(byNumber);
    for (const [shard, { header }] of Object.values(file.parts).entries()) {
      const bytes = folder.files.get(names[shard]!)!;
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      const page = /"page":\[.*\],"page_size"/;
      const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
      expect(text.replace(page, '')).toBe(header.replace(page, ''));
    }
    // One row a call is dealt out in turn; one call of all rows gives each file a run of them.
    const [first] = await ours.read([1], ['k']);
    expect(first).toEqual({ k: perCall === 1 ? 4 : 1 });
  }
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMindRecordError, openMindRecord } from '../src/index.ts';
import { goldenFolder } from './golden.ts';
import { MemoryFolder } from './memory-folder.ts';

const names = ['mixed_indexed.mindrecord', 'qa.mindrecord', 'raw_overflow.mindrecord', 'empty.mindrecord'];
const originals = goldenFolder(names).files;

/** Opens and reads everything; anything but rows and MindRecordErrors fails the test. */
async function survives(name: string, damagedName: string, bytes: Uint8Array): Promise<'read' | 'refused'> {
  const folder = new MemoryFolder([...originals, [damagedName, bytes]]);
  try {
    const file = await openMindRecord(folder.open, [name]);
    expect(file.rows).toBeLessThan(1000);
    await file.read(Array.from({ length: file.rows }, (_, i) => i));
    return 'read';
  } catch (error) {
    if (isMindRecordError(error)) return 'refused';
    throw error;
  }
}

/** Positions where something is: the header, the pages' used parts, anything in the index. */
const position = fc.oneof(
  fc.nat(1200),
  fc.nat(2000).map((at) => 16384 + at),
  fc.nat(600).map((at) => 16384 + 32768 + at),
  fc.nat(20_000),
);

test('a flipped bit or a changed byte gives rows or a MindRecordError, nothing else', async () => {
  let refused = 0;
  const property = fc.asyncProperty(
    fc.constantFrom(...names),
    fc.constantFrom('', '.db'),
    fc.array(fc.tuple(position, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
    async (name, suffix, changes) => {
      const bytes = originals.get(name + suffix)!.slice();
      for (const [at, mask] of changes) bytes[at % bytes.length]! ^= mask;
      if ((await survives(name, name + suffix, bytes)) === 'refused') refused += 1;
    },
  );
  await fc.assert(property, { numRuns: 1000 });
  expect(refused).toBeGreaterThan(50);
});

test('a file that ends anywhere gives rows or a MindRecordError, nothing else', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...names),
    fc.constantFrom('', '.db'),
    fc.oneof(position, fc.nat(16)),
    async (name, suffix, end) => {
      const whole = originals.get(name + suffix)!;
      const answer = await survives(name, name + suffix, whole.subarray(0, end));
      // Files with raw columns need every byte; others hold placeholders at their end, which nobody reads.
      return answer === 'refused' || end >= whole.length || !name.includes('raw');
    },
  );
  await expect(fc.assert(property, { numRuns: 200 })).resolves.toBeUndefined();
});

test('counts and lengths that no file has are refused before anything is allocated for them', async () => {
  const name = 'qa.mindrecord';
  const text = new TextDecoder('latin1').decode(originals.get(name));
  const changes: [RegExp, string][] = [
    [/"end_row_id":7/, '"end_row_id":2000000000'],
    [/"page_size":2048/, '"page_size":99999'],
    [/"page_size":32768/, '"page_size":1e300'],
    [/"header_size":16384/, '"header_size":-1'],
    [/"page_id":1/, '"page_id":99999999999'],
    [/"page_id":1/, '"page_id":0'],
    [/"page_type_id":0/, '"page_type_id":3'],
    [/"start_row_id":0/, '"start_row_id":1'],
    [/"page":\[/, '"page":[7,'],
    [/\["attention_mask",/, '["nothing",'],
    [/"shard_addresses":\["qa.mindrecord"\]/, '"shard_addresses":{}'],
  ];
  for (const [find, put] of changes) {
    expect(text).toMatch(find);
    const length = Number(new DataView(originals.get(name)!.buffer).getBigUint64(0, true));
    const json = text.slice(8, 8 + length).replace(find, put);
    const bytes = originals.get(name)!.slice();
    bytes.fill(0, 0, 16384);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(new TextEncoder().encode(json), 8);
    expect([put, await survives(name, name, bytes)]).toEqual([put, 'refused']);
  }
  const long = originals.get(name)!.slice();
  for (const length of [2n ** 63n, 2n ** 40n, 2n ** 27n, 20_000n]) {
    new DataView(long.buffer).setBigUint64(0, length, true);
    expect(await survives(name, name, long)).toBe('refused');
  }
});

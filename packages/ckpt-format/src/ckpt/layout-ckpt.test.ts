import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anySpecs } from '../../test/any-entries.ts';
import type { EntrySpec } from '../index.ts';
import { MAX_AXES, MAX_ENTRIES, MAX_NAME_BYTES, MAX_TEXT_BYTES } from '../limits.ts';
import { layoutCkpt, MAX_CHUNK_BYTES } from './layout-ckpt.ts';

function headersOf(...entries: EntrySpec[]): string[] {
  const parts = layoutCkpt(entries).entries.flatMap((entry) => entry.parts);
  return parts.map(({ header }) => Buffer.from(header).toString('hex'));
}

describe('headers are the bytes MindSpore writes', () => {
  test.each<[string, EntrySpec, string]>([
    [
      'a tensor',
      { kind: 'tensor', name: 'w', dtype: 'Float32', shape: [2, 3] },
      '0a2c0a01771227080208031207466c6f617433321a18',
    ],
    [
      'a scalar, without dims',
      { kind: 'tensor', name: 'epoch_num', dtype: 'Int64', shape: [] },
      '0a1e0a0965706f63685f6e756d12111205496e7436341a08',
    ],
    [
      'bfloat16',
      { kind: 'tensor', name: 'b', dtype: 'BFloat16', shape: [3] },
      '0a190a016212140803120842466c6f617431361a06',
    ],
    ['a text', { kind: 'text', name: 'note', text: 'ok' }, '0a190a046e6f74651211080012037374721a086f0000006b000000'],
    ['the empty text, one NUL', { kind: 'text', name: 't', text: '' }, '0a120a0174120d080012037374721a0400000000'],
    [
      'a tensor without elements, as the asynchronous writer has it',
      { kind: 'tensor', name: 'e03', dtype: 'Float32', shape: [0, 3] },
      '0a160a03653033120f080008031207466c6f617433321a00',
    ],
  ])('%s', (_, entry, header) => {
    expect(headersOf(entry)).toEqual([header]);
  });
});

test('a tensor of 600 MiB is cut after 512 MiB, both pieces with all dims', () => {
  const layout = layoutCkpt([{ kind: 'tensor', name: 'w', dtype: 'Float32', shape: [150, 1_048_576] }]);
  const [first, second, ...more] = layout.entries[0]?.parts ?? [];
  expect(more).toEqual([]);
  expect(first).toMatchObject({ bytes: MAX_CHUNK_BYTES, tensorOffset: 0 });
  expect(second).toMatchObject({ bytes: 92_274_688, tensorOffset: MAX_CHUNK_BYTES });
  const dims = Buffer.from('08960108808040', 'hex');
  expect(Buffer.from(first?.header ?? []).includes(dims)).toBe(true);
  expect(Buffer.from(second?.header ?? []).includes(dims)).toBe(true);
});

test('a tensor of exactly 512 MiB is one piece', () => {
  const layout = layoutCkpt([{ kind: 'tensor', name: 'w', dtype: 'UInt8', shape: [MAX_CHUNK_BYTES] }]);
  expect(layout.entries[0]?.parts).toHaveLength(1);
});

test('headers and contents together are the whole file, without gaps', () => {
  fc.assert(
    fc.property(anySpecs(), (specs) => {
      const layout = layoutCkpt(specs);
      let at = 0;
      layout.entries.forEach((entry, i) => {
        expect(entry.name).toBe(specs[i]?.name);
        let tensorOffset = 0;
        for (const part of entry.parts) {
          expect(part).toMatchObject({ headerOffset: at, offset: at + part.header.length, tensorOffset });
          at += part.header.length + part.bytes;
          tensorOffset += part.bytes;
        }
        expect(tensorOffset).toBe(entry.bytes);
      });
      expect(layout.bytes).toBe(at);
    }),
  );
});

describe('refused before anything is laid out', () => {
  const bool = (name: string, shape: readonly number[] = []): EntrySpec => ({
    kind: 'tensor',
    name,
    dtype: 'Bool',
    shape,
  });

  test.each<[string, EntrySpec[], string]>([
    ['nothing', [], 'empty'],
    ['more entries than are read back', Array<EntrySpec>(MAX_ENTRIES + 1).fill(bool('w')), 'limit'],
    ['one name twice', [bool('w'), { kind: 'text', name: 'w', text: '' }], 'duplicate'],
    ['half a surrogate pair in a name', [bool('\ud83d')], 'unwritable'],
    ['half a surrogate pair in a text', [{ kind: 'text', name: 't', text: '\ude00' }], 'unwritable'],
    ['a text that ends with NUL', [{ kind: 'text', name: 't', text: 'a\0' }], 'unwritable'],
    ['a text that is not read back', [{ kind: 'text', name: 't', text: ' '.repeat(MAX_TEXT_BYTES / 4 + 1) }], 'limit'],
    ['a name that is not read back', [bool('n'.repeat(MAX_NAME_BYTES + 1))], 'limit'],
    ['too many axes', [bool('w', Array<number>(MAX_AXES + 1).fill(1))], 'unwritable'],
    ['a negative axis', [bool('w', [-1])], 'unwritable'],
    ['half an element', [bool('w', [0.5])], 'unwritable'],
    ['more than 2^53 bytes', [bool('w', [2 ** 30, 2 ** 30])], 'unwritable'],
  ])('%s', (_, entries, code) => {
    expect(() => layoutCkpt(entries)).toThrow(expect.objectContaining({ code }));
  });
});

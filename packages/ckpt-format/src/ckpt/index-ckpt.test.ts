import { sourceOf } from '@cairn/bytes';
import { describe, expect, test } from 'vitest';
import { concat, dims, entry, field, float32, hex, tensor, tensorEntry, varint } from '../../test/build-ckpt.ts';
import { indexNow, laterSource, sparseSource } from '../../test/sources.ts';
import type { CheckpointIndex, CkptError } from '../index.ts';
import { indexCheckpoint, readTensor } from '../index.ts';
import { MAX_AXES, MAX_ENTRIES, MAX_FIELDS, MAX_NAME_BYTES, MAX_TEXT_BYTES } from '../limits.ts';

const W = '0a2c0a01771227080208031207466c6f617433321a18000000000000803f0000004000004040000080400000a040';
const EPOCH = '0a1e0a0965706f63685f6e756d12111205496e7436341a080700000000000000';
const NOTE = '0a190a046e6f74651211080012037374721a086f0000006b000000';
const MAP = `0a520a0374626c1a4b0a1308021205696e7433321a0805000000090000000a1f080208021207666c6f617433321a10
             0000803f0000004000004040000080400a1308021205696e7433321a080100000001000000`;

function indexOf(...parts: readonly Uint8Array[]): CheckpointIndex {
  return indexNow(sourceOf(concat(...parts)));
}

/** What the only entry of a file is, with its content. */
function only(...parts: readonly Uint8Array[]): unknown {
  const bytes = concat(...parts);
  const [first, ...more] = indexOf(bytes).entries;
  expect(more).toEqual([]);
  if (first?.kind !== 'tensor') return first;
  const content = readTensor(sourceOf(bytes), first) as Uint8Array; // the source answers at once
  return { dtype: first.dtype, shape: first.shape, content: Buffer.from(content).toString('hex') };
}

function errorOf(...parts: readonly Uint8Array[]): Partial<CkptError> {
  try {
    indexOf(...parts);
  } catch (error) {
    const { code, byte, tensor } = error as CkptError; // what else is thrown fails the comparison
    return { code, ...(byte === undefined ? {} : { byte }), ...(tensor === undefined ? {} : { tensor }) };
  }
  return {};
}

describe('the vectors of mindspore-formats §1.3', () => {
  test('a tensor', () => {
    const content = Buffer.from(float32(0, 1, 2, 3, 4, 5)).toString('hex');
    expect(only(hex(W))).toEqual({ dtype: 'Float32', shape: [2, 3], content });
  });

  test('a scalar of 2.3, and of 2.2 with dims [0]', () => {
    const scalar = { dtype: 'Int64', shape: [], content: '0700000000000000' };
    expect(only(hex(EPOCH))).toEqual(scalar);
    expect(only(hex('0a200a0965706f63685f6e756d121308001205496e7436341a080700000000000000'))).toEqual(scalar);
    expect(only(hex('0a110a04666c616712091204426f6f6c1a0101'))).toEqual({ dtype: 'Bool', shape: [], content: '01' });
  });

  test('a text', () => {
    expect(only(hex(NOTE))).toEqual({ kind: 'text', name: 'note', text: 'ok' });
  });

  test('bfloat16', () => {
    const b = only(hex('0a190a016212140803120842466c6f617431361a06803f00404040'));
    expect(b).toEqual({ dtype: 'BFloat16', shape: [3], content: '803f00404040' });
  });

  test('a map', () => {
    expect(only(hex(MAP))).toEqual({
      kind: 'map',
      name: 'tbl',
      tensors: [
        { dtype: 'Int32', shape: [2], bytes: 8, chunks: [{ offset: 22, bytes: 8 }], storedAs: 'Int32' },
        { dtype: 'Float32', shape: [2, 2], bytes: 16, chunks: [{ offset: 47, bytes: 16 }], storedAs: 'Float32' },
        { dtype: 'Int32', shape: [2], bytes: 8, chunks: [{ offset: 76, bytes: 8 }], storedAs: 'Int32' },
      ],
    });
  });

  test('a whole file with its CRC trailer', () => {
    const file = hex(`${W}${EPOCH}${NOTE}6372635f6e756d000000000000cdd6f856`);
    const index = indexOf(file);
    expect(index.entries.map(({ name }) => name)).toEqual(['w', 'epoch_num', 'note']);
    expect(index).toMatchObject({ format: 'ckpt', crc: 0xcdd6f856, bytes: file.length, dataEnd: file.length - 17 });
  });
});

test('a source that answers later gives the same index', async () => {
  const source = sourceOf(hex(W + EPOCH + NOTE + MAP));
  const later = indexCheckpoint(laterSource(source), 'ckpt');
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toEqual(indexNow(source));
});

describe('tolerated', () => {
  const six = float32(0, 1, 2, 3, 4, 5);
  const plain = { dtype: 'Float32', shape: [2, 3], content: Buffer.from(six).toString('hex') };

  test('fields in any order', () => {
    const message = tensor(field(3, six), field(2, 'Float32'), dims(2, 3));
    expect(only(entry(message, field(1, 'w')))).toEqual(plain);
  });

  test('packed dims, also mixed with unpacked ones', () => {
    expect(
      only(entry(field(1, 'w'), tensor(field(1, Uint8Array.of(2, 3)), field(2, 'Float32'), field(3, six)))),
    ).toEqual(plain);
    const mixed = tensor(dims(2), field(1, Uint8Array.of(3)), field(2, 'Float32'), field(3, six));
    expect(only(entry(field(1, 'w'), mixed))).toEqual(plain);
  });

  test('unknown fields of every wire type, in every message', () => {
    const unknown = concat(
      varint(15 * 8),
      varint(1n << 63n),
      varint(15 * 8 + 1),
      new Uint8Array(8),
      varint(15 * 8 + 5),
      new Uint8Array(4),
      field(15, 'new'),
    );
    const message = tensor(unknown, dims(2, 3), field(2, 'Float32'), field(3, six), unknown);
    expect(only(unknown, entry(unknown, field(1, 'w'), message), unknown)).toEqual(plain);
  });

  test('a tensor without elements; [0] without content is no scalar', () => {
    expect(only(tensorEntry('e', [0, 3], 'Float32', new Uint8Array(0)))).toMatchObject({ shape: [0, 3], content: '' });
    expect(only(tensorEntry('e', [0], 'Float32', new Uint8Array(0)))).toMatchObject({ shape: [0], content: '' });
  });

  test('a name of 64 KiB that is longer than a window, with a byte order mark', () => {
    const name = '\u{feff}'.padEnd(MAX_NAME_BYTES - 2, 'n');
    expect(indexOf(tensorEntry(name, [], 'Bool', Uint8Array.of(1))).entries[0]?.name).toBe(name);
  });
});

describe('neighbours of one name', () => {
  test('are the pieces of one tensor', () => {
    const chunk = (...values: number[]): Uint8Array => tensorEntry('w', [5], 'Float32', float32(...values));
    const content = Buffer.from(float32(1, 2, 3, 4, 5)).toString('hex');
    expect(only(chunk(1, 2), chunk(), chunk(3), chunk(4, 5))).toEqual({ dtype: 'Float32', shape: [5], content });
    expect(indexOf(chunk(1, 2), chunk(3, 4, 5)).repeatedNames).toEqual([]);
  });

  test('that are each complete are repetitions: the first counts, as in MindSpore', () => {
    const file = concat(
      tensorEntry('w', [2], 'Float32', float32(1, 2)),
      tensorEntry('w', [2], 'Float32', float32(3, 4)),
    );
    expect(only(file)).toMatchObject({ shape: [2], content: Buffer.from(float32(1, 2)).toString('hex') });
    expect(indexOf(file).repeatedNames).toEqual(['w']);
  });

  test('must agree in kind, type and shape', () => {
    const first = tensorEntry('w', [4], 'Float32', float32(1, 2));
    for (const other of [
      tensorEntry('w', [2], 'Float32', float32(1, 2)),
      tensorEntry('w', [4], 'Int32', float32(1, 2)),
      tensorEntry('w', [0], 'str', new Uint8Array(4)),
    ]) {
      expect(errorOf(first, other)).toEqual({ code: 'malformed', byte: first.length, tensor: 'w' });
    }
  });

  test('join to a text and to a map', () => {
    expect(only(hex(NOTE + NOTE))).toEqual({ kind: 'text', name: 'note', text: 'okok' });
    const map = only(hex(MAP + MAP));
    expect(map).toMatchObject({ tensors: [{ shape: [4], bytes: 16 }, { shape: [4, 2] }, { shape: [4] }] });
    expect(map).toMatchObject({ tensors: [{ chunks: [{ offset: 22 }, { offset: 106 }] }, {}, {}] });
  });
});

test('a later entry of a name, not a neighbour, replaces the earlier and keeps its place', () => {
  const w = (value: number): Uint8Array => tensorEntry('w', [1], 'Float32', float32(value));
  const index = indexOf(w(1), tensorEntry('z', [], 'Bool', Uint8Array.of(1)), w(2));
  const end = w(1).length * 2 + tensorEntry('z', [], 'Bool', Uint8Array.of(1)).length;
  expect(index.entries.map(({ name }) => name)).toEqual(['w', 'z']);
  expect(index.entries[0]).toMatchObject({ chunks: [{ offset: end - 4, bytes: 4 }] });
  expect(index.repeatedNames).toEqual(['w']);
});

describe('bfloat16 of MindSpore 2.2, four bytes an element', () => {
  const cut = { dtype: 'BFloat16', shape: [2], content: '803fc03f' };

  test('is cut to its upper halves', () => {
    expect(only(tensorEntry('b', [2], 'BFloat16', hex('ffff803f0100c03f')))).toEqual(cut);
  });

  test('is not seen in two neighbours of two bytes an element', () => {
    const raw = tensorEntry('b', [2], 'BFloat16', hex('803fc03f'));
    expect(only(raw, raw)).toEqual(cut);
  });
});

describe('refused', () => {
  const one = field(3, float32(1));
  const f32 = field(2, 'Float32');
  const named = (...fields: Uint8Array[]): Uint8Array => entry(field(1, 'w'), tensor(...fields));

  test.each([
    ['no byte', [], { code: 'empty' }],
    ['no entry', [field(9, 'other')], { code: 'empty' }],
    ['no name', [entry(tensor(f32, one))], { code: 'malformed', byte: 0 }],
    ['no value', [entry(field(1, 'w'))], { code: 'malformed', byte: 0, tensor: 'w' }],
    ['no type', [named(one)], { code: 'malformed', byte: 5 }],
    ['no content', [named(f32)], { code: 'malformed', byte: 5 }],
    ['two contents', [named(f32, one, one)], { code: 'malformed', byte: 22 }],
    ['a tensor and a map', [concat(entry(field(1, 'w'), tensor(f32, one), field(3, '')))], { code: 'malformed' }],
    ['a map of two', [entry(field(1, 'w'), field(3, field(1, concat(f32, one))))], { code: 'malformed', tensor: 'w' }],
    ['a name that is not UTF-8', [entry(field(1, Uint8Array.of(0xff)), tensor(f32, one))], { code: 'malformed' }],
    [
      'an unknown type',
      [tensorEntry('c', [1], 'Complex64', new Uint8Array(8))],
      { code: 'unknown-dtype', tensor: 'c' },
    ],
    ["numpy's type outside a map", [tensorEntry('c', [1], 'float32', float32(1))], { code: 'unknown-dtype' }],
    [
      'content too short',
      [tensorEntry('w', [2], 'Float32', float32(1))],
      { code: 'size-mismatch', byte: 0, tensor: 'w' },
    ],
    ['content too long', [tensorEntry('w', [1], 'Float32', float32(1, 2))], { code: 'size-mismatch' }],
    [
      'chunks too short',
      [hex(W), tensorEntry('z', [3], 'Int8', Uint8Array.of(1))],
      { code: 'size-mismatch', byte: 46 },
    ],
    ['bfloat16 of three bytes', [tensorEntry('b', [2], 'BFloat16', new Uint8Array(6))], { code: 'size-mismatch' }],
    [
      'a shape beyond 2^53',
      [tensorEntry('w', [2 ** 40, 2 ** 40], 'Int8', new Uint8Array(1))],
      { code: 'size-mismatch' },
    ],
    ['a negative axis', [tensorEntry('w', [-1n], 'Int8', new Uint8Array(1))], { code: 'malformed' }],
    ['too many axes', [tensorEntry('w', Array(MAX_AXES + 1).fill(1), 'Int8', float32(1))], { code: 'limit' }],
    ['too many packed axes', [named(field(1, new Uint8Array(MAX_AXES + 1).fill(1)), f32, one)], { code: 'limit' }],
    ['too long a name', [tensorEntry('n'.repeat(MAX_NAME_BYTES + 1), [], 'Bool', Uint8Array.of(1))], { code: 'limit' }],
    ['too long a type', [tensorEntry('w', [], 'T'.repeat(65), Uint8Array.of(1))], { code: 'limit' }],
    ['too many fields', [named(...Array(MAX_FIELDS + 1).fill(field(15, '')), f32, one)], { code: 'limit' }],
    [
      'a text of three bytes',
      [tensorEntry('t', [0], 'str', new Uint8Array(3))],
      { code: 'size-mismatch', tensor: 't' },
    ],
    ['a text beyond Unicode', [tensorEntry('t', [0], 'str', hex('00001100'))], { code: 'malformed', tensor: 't' }],
    ['a group', [Uint8Array.of(0x0b)], { code: 'malformed', byte: 0 }],
    ['field number 0', [Uint8Array.of(0x02, 0)], { code: 'malformed', byte: 0 }],
    ['a varint of eleven bytes', [hex('80808080808080808080800a')], { code: 'malformed', byte: 0 }],
    ['an entry that is a number', [Uint8Array.of(0x08, 1)], { code: 'malformed', byte: 0 }],
    ['a length beyond the file', [Uint8Array.of(0x0a, 5, 0x0a)], { code: 'truncated', byte: 0 }],
    ['a length beyond 2^53', [hex('0affffffffffffffff7f')], { code: 'truncated', byte: 0 }],
    ['a length beyond its entry', [hex('0a040a050000')], { code: 'malformed', byte: 2 }],
    ['a number cut by the end', [hex(`${W}0a80`)], { code: 'truncated', byte: 47 }],
    ['a cut trailer', [hex(`${W}6372635f6e756d000000`)], { code: 'truncated', byte: 46 }],
    ['the first byte of a trailer', [hex(`${W}63`)], { code: 'truncated', byte: 46 }],
    ['AES-GCM', [hex('d85e3a7f00000000')], { code: 'encrypted', byte: 0 }],
    ['AES-CBC', [hex('d95e3a7f00000000')], { code: 'encrypted', byte: 0 }],
    ['SM4-CBC', [hex('da5e3a7f00000000')], { code: 'encrypted', byte: 0 }],
  ])('%s', (_, parts, expected) => {
    expect(errorOf(...parts)).toMatchObject(expected);
  });

  test('a text of more than 16 MiB, without reading it', () => {
    const contentBytes = MAX_TEXT_BYTES + 4;
    const inner = concat(dims(0), field(2, 'str'), varint(0x1a), varint(contentBytes));
    const value = concat(field(1, 't'), varint(0x12), varint(inner.length + contentBytes), inner);
    const begin = concat(varint(0x0a), varint(value.length + contentBytes), value);
    const source = sparseSource(begin.length + contentBytes, [{ offset: 0, bytes: begin }]);
    expect(() => indexNow(source)).toThrow(/more than 16777216/);
  });

  test('more fields than a file may have entries', () => {
    expect(errorOf(new Uint8Array(2 * MAX_ENTRIES + 2).map((_, i) => (i % 2 === 0 ? 0x10 : 0)))).toEqual({
      code: 'limit',
      byte: 2 * MAX_ENTRIES,
    });
  });

  test('a source that ends before its size', () => {
    const bytes = hex(W);
    const shrunk = { size: bytes.length + 100, read: sourceOf(bytes).read };
    expect(() => indexNow(shrunk)).toThrow(expect.objectContaining({ code: 'truncated' }));
  });
});

test('contents are not read: a page an entry', () => {
  let reads = 0;
  let bytes = 0;
  const contentBytes = 262_144;
  const head = tensorEntry('layer', [65_536], 'Float32', new Uint8Array(contentBytes)).slice(0, -contentBytes);
  const frameBytes = head.length + contentBytes;
  const names = Array.from({ length: 50 }, (_, i) => {
    const own = head.slice();
    own.set([0x30 + Math.floor(i / 10), 0x30 + (i % 10)], own.indexOf(0x6c));
    return { offset: i * frameBytes, bytes: own };
  });
  const source = sparseSource(50 * frameBytes, names);
  const index = indexNow({
    size: source.size,
    read(offset, into) {
      reads += 1;
      bytes += into.length;
      return source.read(offset, into);
    },
  });
  expect(index.entries).toHaveLength(50);
  expect(reads).toBe(51);
  expect(bytes).toBeLessThanOrEqual(51 * 4096);
});

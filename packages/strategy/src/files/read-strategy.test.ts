import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Layout } from '../layout.ts';
import { isStrategyError } from '../strategy-error.ts';
import { readStrategy, strategyFormat, writeStrategy } from './read-strategy.ts';
import type { NamedLayout, StrategyFile } from './strategy-file.ts';

/** A parameter laid out by hand. */
function named(name: string, deviceMatrix: number[], tensorMap: Layout['tensorMap'], shard = [0, 0]): NamedLayout {
  const [optimizerShardStep = 0, optimizerShardSize = 0] = shard;
  const layout = { deviceMatrix, tensorMap, optimizerShardStep, optimizerShardSize };
  return { name, layout, shape: null, field: 0, splitShape: [], indicesOffset: [] };
}

function fileOf(...layouts: NamedLayout[]): StrategyFile {
  return { currentStage: 1, operators: [], layouts };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const dense = named('dense.weight', [2, 2], [0, -1]);
const operator = {
  node: 'MatMul_dense.weight',
  stage: 0,
  inputs: [
    [2, 1],
    [2, 1],
  ],
};

/** Bytes as protobuf's own library encodes them. */
const VECTORS: readonly (readonly [string, StrategyFile, string])[] = [
  [
    'one parameter',
    { ...fileOf(dense), operators: [operator] },
    '080112250a134d61744d756c5f64656e73652e776569676874120e08001204080208011204080208011a2f0a0c64656e73652e776569676874121f0a0408020802120d080008ffffffffffffffffff011a002200280030003800',
  ],
  [
    'two stages merged',
    {
      currentStage: 1,
      operators: [
        {
          node: 'MatMul_a.w',
          stage: 0,
          inputs: [
            [2, 1],
            [1, 2],
          ],
        },
        {
          node: 'MatMul_b.w',
          stage: 1,
          inputs: [
            [2, 1],
            [2, 1],
          ],
        },
      ],
      layouts: [named('0-a.w', [2, 2], [-1, 0]), named('1-b.w', [2, 2], [0, -1], [2, 2])],
    },
    '0801121c0a0a4d61744d756c5f612e77120e0800120408020801120408010802121c0a0a4d61744d756c5f622e77120e08011204080208011204080208011a280a05302d612e77121f0a0408020802120d08ffffffffffffffffff0108001a0022002800300038001a280a05312d622e77121f0a0408020802120d080008ffffffffffffffffff011a002200280030023802',
  ],
  [
    'a nested map',
    fileOf(named('w2', [2, 2, 2], [[2, 1], [0]])),
    '08011a220a027732121c0a06080208020802120408020801120208001a002200280030003800',
  ],
  [
    'a nested map of one axis',
    fileOf(named('b', [2, 2, 2], [[2, 1]])),
    '08011a1f0a0162121a0a0608020802080212040802080112001a002200280030003800',
  ],
];

test.each(VECTORS)('protobuf: %s is written to the bytes of the real writer, and read back', (_, file, bytes) => {
  expect(hex(writeStrategy(file, 'protobuf'))).toBe(bytes);
  expect(readStrategy(Buffer.from(bytes, 'hex'))).toEqual(file);
});

const files: fc.Arbitrary<StrategyFile> = fc.record({
  currentStage: fc.nat(2 ** 31),
  operators: fc.uniqueArray(
    fc.record({ node: fc.string(), stage: fc.nat(100), inputs: fc.array(fc.array(fc.nat(64))) }),
    { selector: ({ node }) => node },
  ),
  layouts: fc.uniqueArray(
    fc.record({
      name: fc.string({ unit: 'grapheme' }),
      layout: fc.record({
        deviceMatrix: fc.array(fc.integer({ min: 1, max: 2 ** 31 })),
        tensorMap: fc.oneof(
          fc.array(fc.integer({ min: -1, max: 3 })),
          fc.array(fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 1, maxLength: 2 }), { minLength: 1 }),
        ),
        optimizerShardSize: fc.integer({ min: -1, max: 1024 }),
        optimizerShardStep: fc.nat(1024),
      }),
      shape: fc.constant(null),
      field: fc.nat(9),
      splitShape: fc.array(fc.nat(2 ** 40), { maxLength: 3 }),
      indicesOffset: fc.array(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), { maxLength: 3 }),
    }),
    { minLength: 1, selector: ({ name }) => name },
  ),
});

test('what is written is read back, in either form', () => {
  const byName = ({ operators, layouts, ...rest }: StrategyFile): unknown => ({
    ...rest,
    operators: new Map(operators.map((each) => [each.node, each])),
    layouts: new Map(layouts.map((each) => [each.name, each])),
  });
  fc.assert(
    fc.property(files, (file) => {
      expect(readStrategy(writeStrategy(file, 'protobuf'))).toEqual(file);
      expect(byName(readStrategy(writeStrategy(file, 'json')))).toEqual(byName(file));
    }),
  );
});

test('full shapes are kept in JSON, where a file has them', () => {
  const file = fileOf({ ...dense, shape: [512, 512] });
  expect(readStrategy(writeStrategy(file, 'json')).layouts[0]?.shape).toEqual([512, 512]);
});

test('repeated numbers may be packed, and unknown fields are passed over', () => {
  const packed = '0801a20602abcd1a170a016112120a040a02020212040a020001280030003800';
  expect(readStrategy(Buffer.from(packed, 'hex'))).toEqual(fileOf(named('a', [2, 2], [0, 1])));
});

test('the form is told by the content, not by the name', () => {
  expect(strategyFormat(new TextEncoder().encode(' \n{}'))).toBe('json');
  expect(strategyFormat(writeStrategy(fileOf(dense), 'protobuf'))).toBe('protobuf');
});

test('a file cut inside an item is found out', () => {
  const whole = writeStrategy(fileOf(dense), 'protobuf');
  for (let length = 3; length < whole.length; length++)
    expect(() => readStrategy(whole.subarray(0, length))).toThrow(expect.objectContaining({ code: 'truncated' }));
});

test('whatever the bytes are, reading ends with a strategy or an error in words', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        readStrategy(bytes);
      } catch (error) {
        expect(isStrategyError(error)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('whichever byte of a file is changed, reading ends with a strategy or an error in words', () => {
  const whole = writeStrategy({ ...fileOf(dense), operators: [operator] }, 'protobuf');
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      try {
        readStrategy(whole.with(at, byte));
      } catch (error) {
        expect(isStrategyError(error)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['no bytes', '', 'empty'],
  ['no layout', '0801', 'empty'],
  ['a checkpoint', '0a050a01611200', 'malformed'],
  ['a length beyond the file', '08011affffffffffffffff7f', 'truncated'],
  ['a number of eleven bytes', '08ffffffffffffffffffffff01', 'malformed'],
  ['a layout without a name', '08011a0412020a00', 'malformed'],
  ['a name that is no UTF-8', '08011a060a01ff12010a', 'malformed'],
  ['JSON that was cut', Buffer.from('{"current_stage":1,').toString('hex'), 'malformed'],
  ['JSON of something else', Buffer.from('{"parallel_layout_item":[]}').toString('hex'), 'malformed'],
  ['the document of an empty merge', Buffer.from('{}').toString('hex'), 'empty'],
])('%s is refused', (_, bytes, code) => {
  expect(() => readStrategy(Buffer.from(bytes, 'hex'))).toThrow(expect.objectContaining({ code }));
});

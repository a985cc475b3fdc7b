import { expect, test } from 'vitest';
import * as root from '../src/index.ts';
import * as lines from '../src/lines/index.ts';
import * as rx from '../src/rx/index.ts';
import * as testing from '../src/testing/index.ts';

test('the exports of @cairn/events', () => {
  expect(Object.keys(root).sort()).toEqual([
    'EventCodecError',
    'TrainingEventSchema',
    'decodeEvent',
    'encodeEvent',
    'encodeSse',
    'isEventCodecError',
    'isTerminal',
    'lineSplitter',
  ]);
});

test.each([
  ['lines', lines, ['eventLines', 'float32Text']],
  ['rx', rx, ['numbered', 'untilTerminal']],
  ['testing', testing, ['anyEvent']],
])('the exports of @cairn/events/%s', (_, entry, names) => {
  expect(Object.keys(entry).sort()).toEqual(names);
});

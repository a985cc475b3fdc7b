import { layoutsOf } from '@cairn/strategy/files';
import type { NamedLayout, StrategyLayouts } from '@cairn/strategy/files';
import { expect, test } from 'vitest';
import { numbersText } from './numbers-text.ts';
import { strategyLines } from './strategy-table.ts';
import { tensorPartsJson, tensorPartsLines } from './tensor-parts.ts';

/** A parameter on 2 × 2 devices. */
function named(name: string, tensorMap: readonly number[], shape: readonly number[] | null, shards = 0): NamedLayout {
  const layout = { deviceMatrix: [2, 2], tensorMap, optimizerShardSize: shards, optimizerShardStep: shards };
  return { name, layout, shape, field: 0, splitShape: [], indicesOffset: [] };
}

function layouts(...all: readonly NamedLayout[]): StrategyLayouts {
  return layoutsOf({ currentStage: 1, operators: [], layouts: all });
}

function linesOf(shown: StrategyLayouts): readonly string[] {
  return [...shown.tensors].flatMap((tensor) => tensorPartsLines(tensor, shown));
}

test('tensors that lie alike in all layers are one line, with the stages that hold them', () => {
  const shown = layouts(
    named('0-m.layers.0.w', [0, -1], [8, 4], 2),
    named('1-m.layers.1.w', [0, -1], [8, 4], 2),
    named('1-m.norm', [-1], [4]),
  );
  expect(strategyLines(shown)).toEqual([
    '8 ranks: 2 stages of 4 ranks',
    'tensor        number  shape   pieces     slice   copies  stages',
    'm.layers.*.w       2  [8, 4]  [2, 1] /2  [2, 4]  1       0-1',
    'm.norm             1  [4]     [1]        [4]     4       1',
    '3 tensors; pieces by axis, those of the optimizer behind a slash',
  ]);
});

test('rows and columns are a picture with the ranks of the run', () => {
  expect(linesOf(layouts(named('0-v', [-1], [2]), named('1-w', [1, 0], [8, 4]))).slice(2)).toEqual([
    'w [8, 4], stage 1: ranks 4 to 7, devices [2, 2]',
    '       0:2  2:4',
    '  0:4  4    5',
    '  4:8  6    7',
  ]);
});

test('ranks that hold the same stand together', () => {
  expect(linesOf(layouts(named('w', [-1, 0], [8, 4]))).slice(1)).toEqual(['       0:2   2:4', '  0:8  0, 2  1, 3']);
});

test('other tensors are a list, by place', () => {
  expect(linesOf(layouts(named('b', [0], [8], 2))).slice(1)).toEqual([
    '  [0:2]  ranks 0',
    '  [2:4]  ranks 2',
    '  [4:6]  ranks 1',
    '  [6:8]  ranks 3',
  ]);
});

test('without a shape parts are counted in pieces', () => {
  const shown = layouts(named('w', [-1, 0], null));
  expect(linesOf(shown)).toEqual([
    'w in pieces: the file has no shapes, stage 0: ranks 0 to 3, devices [2, 2]',
    '       0:1   1:2',
    '  0:1  0, 2  1, 3',
  ]);
  expect(strategyLines(shown)[2]).toBe('w            1  -      [1, 2]  -      2       0');
});

test('programs get the layout by stage and the parts by ranks', () => {
  const shown = layouts(named('w', [-1, 0], [8, 4]));
  expect([...shown.tensors].map((tensor) => tensorPartsJson(tensor, shown))).toEqual([
    {
      name: 'w',
      shape: [8, 4],
      layouts: [
        {
          stage: 0,
          deviceMatrix: [2, 2],
          tensorMap: [-1, 0],
          optimizerShardSize: 0,
          optimizerShardStep: 0,
          pieces: [1, 2],
          slice: [8, 2],
        },
      ],
      parts: [
        {
          stage: 0,
          box: [
            [0, 8],
            [0, 2],
          ],
          ranks: [0, 2],
        },
        {
          stage: 0,
          box: [
            [0, 8],
            [2, 4],
          ],
          ranks: [1, 3],
        },
      ],
    },
  ]);
});

test.each([
  [[], ''],
  [[3], '3'],
  [[2, 0, 1, 5], '0-2, 5'],
])('%j is written %s', (numbers, text) => {
  expect(numbersText(numbers)).toBe(text);
});

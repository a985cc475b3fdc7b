import { expect, test } from 'vitest';
import type { Layout } from '../layout.ts';
import { layoutsOf } from './layouts-of.ts';
import { isMerged, mergeStrategies } from './merge-strategies.ts';
import type { StrategySource } from './merge-strategies.ts';
import type { StrategyFile } from './strategy-file.ts';

const CUT: Layout = { deviceMatrix: [2, 2], tensorMap: [0, -1], optimizerShardSize: 0, optimizerShardStep: 0 };
const WHOLE: Layout = { ...CUT, tensorMap: [-1, -1] };

/** The file of a rank of a stage. */
function source(name: string, stage: number, layouts: Readonly<Record<string, Layout>>): StrategySource {
  return { name, file: fileOf(stage, layouts) };
}

function fileOf(stage: number, layouts: Readonly<Record<string, Layout>>): StrategyFile {
  const entries = Object.entries(layouts);
  return {
    currentStage: 2,
    operators: entries.map(([node]) => ({ node, stage, inputs: [] })),
    layouts: entries.map(([name, layout]) => ({
      name,
      layout,
      shape: null,
      field: 0,
      splitShape: [],
      indicesOffset: [],
    })),
  };
}

test('names get their stage in front, and stages ascend', () => {
  const { file } = mergeStrategies([source('r4', 1, { 'b.w': CUT }), source('r0', 0, { 'a.w': WHOLE })]);
  expect(file.currentStage).toBe(1);
  expect(file.layouts.map(({ name }) => name)).toEqual(['0-a.w', '1-b.w']);
  expect(file.operators.map(({ node }) => node)).toEqual(['a.w', 'b.w']);
});

test('files of one stage that differ in order only are one', () => {
  const [one, other] = [source('r0', 0, { a: CUT, b: WHOLE }), source('r1', 0, { b: WHOLE, a: CUT })];
  expect(mergeStrategies([one, other]).file.layouts).toHaveLength(2);
});

test('an older merged file beside them is passed over, alone it is the result', () => {
  const ranks = [source('r0', 0, { a: CUT }), source('r4', 1, { b: CUT })];
  const old = { name: 'merged', file: mergeStrategies(ranks).file };
  expect(mergeStrategies([old, ...ranks])).toEqual({ file: old.file, passedOver: ['merged'] });
  expect(mergeStrategies([old])).toEqual({ file: old.file, passedOver: [] });
});

test.each([
  ['nothing', [], 'empty', /no strategy file/],
  [
    'a file without operators',
    [{ name: 'r0', file: { ...fileOf(0, { a: CUT }), operators: [] } }],
    'empty',
    /r0 has no operator/,
  ],
  [
    'a gap in the stages',
    [source('r0', 0, { a: CUT }), source('r8', 2, { c: CUT })],
    'inconsistent',
    /none of stage 1/,
  ],
  [
    'files of one stage with other layouts',
    [source('r0', 0, { a: CUT }), source('r1', 0, { a: WHOLE })],
    'inconsistent',
    /r0 and r1 are of stage 0, but a lies differently/,
  ],
  [
    'a parameter only one file of a stage has',
    [source('r0', 0, { a: CUT, b: CUT }), source('r1', 0, { a: CUT })],
    'inconsistent',
    /b lies differently/,
  ],
  [
    'runs of different sizes',
    [source('r0', 0, { a: CUT }), source('r4', 1, { b: { ...CUT, deviceMatrix: [4, 2] } })],
    'inconsistent',
    /r0 is of stages of 4 ranks, r4 of 8/,
  ],
] as const)('%s cannot be merged', (_, sources, code, message) => {
  expect(() => mergeStrategies(sources)).toThrow(expect.objectContaining({ code }));
  expect(() => mergeStrategies(sources)).toThrow(message);
});

test('a merged file tells the layout of every stage by the name of the parameter', () => {
  const tied = mergeStrategies([source('r0', 0, { e: CUT, a: WHOLE }), source('r4', 1, { e: WHOLE })]).file;
  const layouts = layoutsOf(tied);
  expect(layouts).toMatchObject({ stages: 2, stageRanks: 4 });
  expect([...layouts.tensors.keys()]).toEqual(['e', 'a']);
  expect(layouts.tensors.get('e')?.byStage).toEqual(
    new Map([
      [0, CUT],
      [1, WHOLE],
    ]),
  );
});

test('the file of a rank is that of a run without stages', () => {
  const file = fileOf(3, { 'a-b': CUT, a: WHOLE });
  expect(isMerged(file)).toBe(false);
  expect(layoutsOf(file)).toMatchObject({ stages: 1, stageRanks: 4 });
  expect(layoutsOf(file).tensors.get('a-b')?.byStage.get(0)).toEqual(CUT);
});

test.each([
  ['a stage that is missing', fileOf(0, { '0-a': CUT, '2-b': CUT }), 'inconsistent', /none of stage 1/],
  [
    'ranks that differ',
    fileOf(0, { a: CUT, b: { ...CUT, deviceMatrix: [8] } }),
    'inconsistent',
    /a lies on 4 ranks, b on 8/,
  ],
  ['too many ranks', fileOf(0, { a: { ...CUT, deviceMatrix: [2 ** 31, 2] } }), 'limit', /not one of 1 to 1048576/],
  ['too many dimensions', fileOf(0, { a: { ...CUT, deviceMatrix: Array<number>(65).fill(1) } }), 'limit', /65 dim/],
])('%s: the layouts are refused', (_, file, code, message) => {
  expect(() => layoutsOf(file)).toThrow(expect.objectContaining({ code }));
  expect(() => layoutsOf(file)).toThrow(message);
});

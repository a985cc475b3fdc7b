import { expect, test } from 'vitest';
import * as root from '../src/index.ts';

test('the exports of @cairn/strategy', () => {
  expect(Object.keys(root).sort()).toEqual([
    'ALONE',
    'StrategyError',
    'checkWorldSize',
    'coordinatesOf',
    'entriesOfRank',
    'fullShape',
    'isCut',
    'isStrategyError',
    'optimizerShards',
    'rankAt',
    'replicaGroups',
    'replicated',
    'sliceOf',
    'sliceShape',
    'stageSize',
    'worldSize',
  ]);
});

import { expect, test } from 'vitest';
import * as files from '../src/files/index.ts';
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
    'ownedBy',
    'rankAt',
    'redundancyOwners',
    'replicaGroups',
    'replicated',
    'sliceOf',
    'sliceShape',
    'stageSize',
    'storedParts',
    'worldSize',
  ]);
});

test('the exports of @cairn/strategy/files', () => {
  expect(Object.keys(files).sort()).toEqual([
    'MAX_STRATEGY_BYTES',
    'isMerged',
    'layoutsOf',
    'mergeStrategies',
    'readStrategy',
    'strategyFormat',
    'strategyOf',
    'writeStrategy',
  ]);
});

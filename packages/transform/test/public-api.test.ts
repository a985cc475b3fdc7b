import { expect, test } from 'vitest';
import * as api from '../src/index.ts';

test('the package exports these names', () => {
  expect(Object.keys(api).sort()).toEqual([
    'BLOCK_BYTES',
    'TransformError',
    'UNIFIED_INDEX',
    'UNIFIED_PART_BYTES',
    'arrangementOf',
    'arrangementOfStrategy',
    'createWorkspace',
    'digestSlice',
    'divideRanks',
    'endOf',
    'fileLayout',
    'isTransformError',
    'parseTransformArgv',
    'planTransform',
    'ranksOf',
    'unifiedIndex',
    'workspaceBytes',
    'writePlannedFile',
  ]);
});

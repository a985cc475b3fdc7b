import { expect, test } from 'vitest';
import * as api from '../src/index.ts';

test('the package exports these names', () => {
  expect(Object.keys(api).sort()).toEqual([
    'DataError',
    'EpochOrders',
    'batches',
    'byteTokenizer',
    'checkSampleOrder',
    'epochOrder',
    'isDataError',
    'ledger',
    'mindRecordDataset',
    'mindRecordNames',
    'minstdRand0',
    'mt19937',
    'pipeline',
    'rowsPerEpoch',
    'stdShuffle',
    'stepsPerEpoch',
    'textDataset',
    'textFileDataset',
    'tokenRows',
  ]);
});

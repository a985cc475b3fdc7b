import { expect, test } from 'vitest';
import * as npuSim from '../src/index.ts';

test('the exports of @cairn/npu-sim', () => {
  expect(Object.keys(npuSim)).toEqual(['Device', 'groupPeers']);
});

import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

const NAMES = [
  'model.layers.0.attention.wq.weight',
  'model.layers.0.attention.wk.weight',
  'lm_head.weight',
  'step_num',
];

test.each([
  ['model.layers.0.attention.wx.weight', 'model.layers.0.attention.wq.weight'],
  ['layers.0.attention.wk.weight', 'model.layers.0.attention.wk.weight'],
  ['lmhead.weight', 'lm_head.weight'],
  ['setp_num', 'step_num'],
  ['step', 'step_num'],
  ['optimizer', null],
  ['', null],
])('%j is nearest to %j', (wanted, name) => {
  expect(nearestName(wanted, NAMES)).toBe(name);
});

import { expect, test } from 'vitest';
import { fitsTypes, keysUnder, knownKey, knownParents, tablePath, typeWords } from './known-keys.ts';

test('a key is known by its parent and name, with its types and releases', () => {
  expect(knownKey('', 'auto_tune')).toEqual({ types: 'b', releases: 'r1.0 to 2.1.0' });
  expect(knownKey('callbacks[]', 'mtp_depth')?.releases).toBe('r1.5.0');
  expect(knownKey('model/model_config', 'pre_seq_len')).toEqual({ types: 'is', releases: 'r1.0 to 2.1.0' });
  expect(knownKey('', 'nothing')).toBeNull();
  expect(knownKey('toString', 'length')).toBeNull();
});

test('keys of the documents are known too, without releases', () => {
  expect(knownKey('swap_config', 'layer_swap')?.releases).toBe('');
});

test('a part of a path may hold dots', () => {
  const under = 'recompute_config/select_recompute';
  expect(knownKey(under, String.raw`feed_forward\.mul`)?.types).toBe('Ib');
  const policies = 'model/model_config/quantization_config/layer_policies';
  const pattern = String.raw`.*\.feed_forward\..*`;
  expect(knownKey(tablePath(policies, pattern), 'weight_dtype')?.types).toBe('s');
});

test('the table has the 1,910 key paths of upstream, and more from its documents', () => {
  const names = knownParents().flatMap((parent) => [...keysUnder(parent).keys()].map((name) => `${parent} ${name}`));
  expect(names.length).toBeGreaterThanOrEqual(1910);
  expect(new Set(names).size).toBe(names.length);
});

test('list positions are one path', () => {
  expect(tablePath('callbacks', '3')).toBe('callbacks[]');
  expect(tablePath('callbacks[]', 'type')).toBe('callbacks[]/type');
  expect(tablePath('', 'seed')).toBe('seed');
});

test('types are matched leniently', () => {
  expect(fitsTypes('f', 1)).toBe(true);
  expect(fitsTypes('i', 0.5)).toBe(true);
  expect(fitsTypes('s', 1e-5)).toBe(true);
  expect(fitsTypes('b', null)).toBe(true);
  expect(fitsTypes('n', 'anything')).toBe(true);
  expect(fitsTypes('I', [0.5])).toBe(true);
  expect(fitsTypes('b', 'x')).toBe(false);
  expect(fitsTypes('m', 1)).toBe(false);
  expect(fitsTypes('i', { a: 1 })).toBe(false);
  expect(typeWords('bI')).toBe('True or False or a list');
});

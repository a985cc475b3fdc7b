import { expect, test } from 'vitest';
import { tinyInput } from '../test/tiny-run.ts';
import { checkConfig } from './check-config.ts';

test('a sound configuration has no findings', async () => {
  expect(await checkConfig(tinyInput())).toEqual({ ok: true, errors: [], warnings: [] });
});

test.each([
  ['num_heads: 2', 'num_heads: 3', /^model\.model_config\.num_heads: /],
  ['type: AdamW', 'type: AdamW, betas: [0.9, 1.5]', /betas/],
])('what a package finds impossible is an error with its place: %s → %s', async (from, to, message) => {
  const { ok, errors } = await checkConfig(tinyInput([from, to]));
  expect(ok).toBe(false);
  expect(errors[0]?.message).toMatch(message);
  expect(errors[0]?.place).toMatchObject({ file: 'tiny.yaml', line: expect.any(Number) });
});

test.each([
  ['type: AdamW', 'type: Lamb'],
  ['type: ConstantWarmUpLR', 'type: LearningRateOfMyOwn'],
  ['vocab_size: 16', 'vocab_size: 16, qkv_concat: True'],
])('what is possible but not computed is a warning: %s → %s', async (from, to) => {
  const { ok, warnings } = await checkConfig(tinyInput([from, to]));
  expect([ok, warnings]).toMatchObject([true, [{ severity: 'warning', place: { file: 'tiny.yaml' } }]]);
});

test('every finding is told, not only the first', async () => {
  const { errors, warnings } = await checkConfig(
    tinyInput(['type: AdamW', 'type: Lamb'], ['num_heads: 2', 'num_heads: 3']),
  );
  expect([errors.length, warnings.length]).toEqual([1, 1]);
});

test('a way to spread the run that cannot be is an error, one that counts otherwise a warning', async () => {
  const spread = (keys: string): readonly [string, string] => [
    'seed: 1',
    `seed: 1\nuse_parallel: True\nparallel_config: { ${keys} }`,
  ];
  const impossible = await checkConfig(tinyInput(spread('model_parallel: 4')));
  expect(impossible.errors).toMatchObject([
    { message: 'parallel_config.model_parallel: 2 heads cannot be cut into 4: take a divisor', place: { line: 3 } },
  ]);
  const otherwise = await checkConfig(tinyInput(spread('micro_batch_num: 2')));
  expect(otherwise).toMatchObject({ ok: true, warnings: [{ path: ['parallel_config', 'micro_batch_num'] }] });
});

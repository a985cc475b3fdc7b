import { expect, test } from 'vitest';
import { brief, invalid, valid } from '../test/parse.ts';
import type { Override } from './apply-overrides.ts';

const set = (path: string, value: Override['value'], parents: Override['parents'] = 'create'): Override => ({
  path: path.split('.'),
  value,
  flag: `--${path}`,
  parents,
});

test('overrides win over the file, later ones over earlier ones, and are known as flags', async () => {
  const overrides = [set('runner_config.epochs', 3), set('runner_config.epochs', 4), set('seed', 9)];
  const { config, origins } = await valid('seed: 1\nrunner_config: {epochs: 2, batch_size: 5}\n', { overrides });
  expect(config).toMatchObject({ seed: 9, runner_config: { epochs: 4, batch_size: 5 } });
  expect(origins.of(['seed'])).toEqual({ kind: 'flag', flag: '--seed' });
  expect(origins.locate(['runner_config', 'epochs'])).toEqual({ flag: '--runner_config.epochs' });
  expect(origins.locate(['runner_config'])).toMatchObject({ line: 2 });
});

test('a wrong value of a flag is an error at the flag', async () => {
  expect(brief((await invalid('', { overrides: [set('seed', 'x')] })).errors)).toEqual(['wrong-value --seed']);
});

test('null takes a key back to its default', async () => {
  expect((await valid('seed: 5', { overrides: [set('seed', null), set('trainer.type', null)] })).config.seed).toBe(1);
});

test('parents that must exist may be sections Cairn knows', async () => {
  const known = await valid('', {
    overrides: [set('runner_config.epochs', 3, 'must-exist'), set('model.new', 1, 'must-exist')],
  });
  expect(known.config.runner_config.epochs).toBe(3);
  const { errors } = await invalid('', { overrides: [set('nothing.of.it', 3, 'must-exist')] });
  expect(brief(errors)).toEqual(['override-path --nothing.of.it']);
  expect(errors[0]?.message).toContain('there is no nothing.of');
});

test('some are left out when their section is', async () => {
  const overrides = [set('eval_dataset.data_loader.num_samples', 3, 'skip-if-absent')];
  expect((await valid('', { overrides })).config.eval_dataset).toBeNull();
  const { config } = await valid('eval_dataset: {data_loader: {type: X}}', { overrides });
  expect(config.eval_dataset?.data_loader.num_samples).toBe(3);
});

test('a value in the way is an error that names it', async () => {
  const { errors } = await invalid('seed: 1\ncallbacks: []\n', {
    overrides: [set('seed.x', 1), set('callbacks.0.x', 1)],
  });
  expect(errors.map(({ message }) => message)).toEqual([
    'seed.x cannot be set, seed is a single value',
    'callbacks[0].x cannot be set, callbacks is a list: name its element by type, as in --callbacks.[TYPE].KEY',
  ]);
});

test('no override reaches a prototype', async () => {
  const overrides = [set('__proto__.polluted', 1), set('runner_config.__proto__.polluted', 1)];
  expect((await invalid('', { overrides })).errors).toHaveLength(2);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

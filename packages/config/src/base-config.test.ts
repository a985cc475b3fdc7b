import { expect, test } from 'vitest';
import { brief, invalid, valid } from '../test/parse.ts';

const files =
  (texts: Readonly<Record<string, string>>) =>
  (name: string): Promise<string> => {
    const text = texts[name];
    return text === undefined ? Promise.reject(new Error(`no file ${name}`)) : Promise.resolve(text);
  };

test('a file lies over its base, mappings merged, lists and values replaced', async () => {
  const readText = files({ 'conf/base.yaml': 'seed: 1\nrunner_config: {epochs: 2, batch_size: 3}\n' });
  const text = 'base_config: base.yaml\nrunner_config: {epochs: 5}\n';
  const { config, origins } = await valid(text, { name: 'conf/run.yaml', readText });
  expect(config).toMatchObject({ seed: 1, runner_config: { epochs: 5, batch_size: 3 } });
  expect(origins.of(['seed'])).toMatchObject({ place: { file: 'conf/base.yaml', line: 1 } });
  expect(origins.of(['runner_config', 'epochs'])).toMatchObject({ place: { file: 'conf/run.yaml', line: 2 } });
});

test('of several bases the later wins; bases have bases, relative to themselves', async () => {
  const readText = files({
    'a.yaml': 'seed: 1\noutput_dir: a\n',
    'more/b.yaml': 'base_config: ./c.yaml\noutput_dir: b\n',
    'more/c.yaml': 'seed: 3\noutput_dir: c\n',
  });
  const { config } = await valid('base_config: [a.yaml, more/b.yaml]\n', { readText });
  expect(config).toMatchObject({ seed: 3, output_dir: 'b' });
});

test('an absolute name is taken as it is', async () => {
  const { config } = await valid('base_config: /x/y.yaml\n', {
    name: 'conf/run.yaml',
    readText: files({ '/x/y.yaml': 'seed: 9' }),
  });
  expect(config.seed).toBe(9);
});

test.each([
  ['base_config: none.yaml', 'cannot be read: no file none.yaml'],
  ['base_config: 5', 'must be a file name or a list'],
  ['base_config: [a.yaml, 5]', 'must be a file name or a list'],
  ['base_config: ""', 'must be a file name or a list'],
  ['base_config: round.yaml', 'goes in a circle: run.yaml > round.yaml > run.yaml'],
])('%s is an error: %s', async (text, why) => {
  const { errors } = await invalid(text, { readText: files({ 'round.yaml': 'base_config: run.yaml' }) });
  expect(errors).toMatchObject([{ code: 'base-config' }]);
  expect(errors[0]?.message).toContain(why);
});

test('without a way to read files base_config is an error', async () => {
  expect(brief((await invalid('seed: 1\nbase_config: a.yaml')).errors)).toEqual(['base-config 2:14']);
});

test('an error in a base names the base', async () => {
  const { errors } = await invalid('base_config: a.yaml', { readText: files({ 'a.yaml': '\nseed: [1' }) });
  expect(errors[0]).toMatchObject({ code: 'yaml-syntax', place: { file: 'a.yaml' } });
});

test('a chain without end is stopped', async () => {
  const readText = (name: string): Promise<string> => Promise.resolve(`base_config: x${name}`);
  const { errors } = await invalid('base_config: a.yaml', { readText });
  expect(errors[0]?.message).toContain('more than 32 files');
});

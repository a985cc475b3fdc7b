import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valid } from '../../test/parse.ts';
import type { RunFlags } from './parse-run-flags.ts';
import { parseRunFlags } from './parse-run-flags.ts';
import { RUN_FLAGS } from './run-flags.ts';

const right = (line: string | readonly string[]): RunFlags => {
  const result = parseRunFlags(typeof line === 'string' ? line.split(' ') : line);
  return result.ok ? result : expect.fail(result.errors.map(({ message }) => message).join('\n'));
};
const wrong = (line: string): string[] => {
  const result = parseRunFlags(line.split(' '));
  return result.ok
    ? expect.fail('no error was found')
    : result.errors.map(({ code, message }) => `${code}: ${message}`);
};
const set = (line: string): unknown[] => right(line).overrides.map(({ path, value }) => [path.join('.'), value]);

test('the command line of the documents', () => {
  const line =
    '--config research/llama3_1/finetune.yaml --train_dataset /path/to/alpaca.mindrecord --run_mode train --use_parallel True';
  expect(right(line)).toMatchObject({ ok: true, config: 'research/llama3_1/finetune.yaml', registerPath: null });
  expect(set(line)).toEqual([
    ['run_mode', 'train'],
    ['use_parallel', true],
    ['train_dataset.data_loader.dataset_dir', '/path/to/alpaca.mindrecord'],
  ]);
});

test('flags may be shortened as long as one is meant', () => {
  expect(set('--train_data a')).toEqual([['train_dataset.data_loader.dataset_dir', 'a']]);
  expect(set('--load x')).toEqual([['load_checkpoint', 'x']]);
  expect(set('--epoch 3')).toEqual([['runner_config.epochs', 3]]);
  expect(set('--mode 1')).toEqual([['context.mode', 1]]);
  expect(wrong('--predict x')).toEqual([
    'flag-ambiguous: --predict could be --predict_data, --predict_batch_size; write more letters',
  ]);
});

test('the value stands behind the flag or behind its equals sign', () => {
  expect(set('--seed=3 --runner_config.sink_size=-1 --output_dir=a=b')).toEqual([
    ['seed', 3],
    ['output_dir', 'a=b'],
    ['runner_config.sink_size', -1],
  ]);
});

test('order of effect: named flags, options, data, runner, free keys; each group as written', () => {
  const line = '--x.y 1 --epochs 2 --predict_batch_size 3 --options seed=4 --seed 5 --zz 6 --sink_mode False';
  expect(set(line)).toEqual([
    ['seed', 5],
    ['seed', 4],
    ['predict_batch_size', 3],
    ['runner_config.epochs', 2],
    ['runner_config.sink_mode', false],
    ['x.y', 1],
    ['zz', 6],
  ]);
});

test('the last of a repeated flag counts, all options count', async () => {
  const { overrides } = right(
    '--seed 1 --seed 2 --options runner_config.epochs=3 a=1 --options runner_config.batch_size=4',
  );
  const { config } = await valid('', { overrides });
  expect(config).toMatchObject({ seed: 2, runner_config: { epochs: 3, batch_size: 4 }, rest: { a: 1 } });
});

test("upstream's errors with flags are put right: True is True, False is False, = may be in a value", () => {
  expect(set('--options use_parallel=True do_eval=False')).toEqual([
    ['use_parallel', true],
    ['do_eval', false],
  ]);
  expect(set('--transform_by_rank False')).toEqual([['transform_by_rank', false]]);
  expect(set('--options output_dir=a=b')).toEqual([['output_dir', 'a=b']]);
});

test('resume_training takes a flag or a name; None is empty', async () => {
  expect(set('--resume_training True')).toEqual([['resume_training', true]]);
  expect(set('--resume_training a-12_2.ckpt')).toEqual([['resume_training', 'a-12_2.ckpt']]);
  const { config } = await valid('src_strategy_path_or_dir: a', {
    overrides: right('--src_strategy_path_or_dir None').overrides,
  });
  expect(config.src_strategy_path_or_dir).toBe('');
});

test('several texts to predict; \\n is a line end; one alone is a text', () => {
  expect(set('--predict_data a b c')).toEqual([['input_data', ['a', 'b', 'c']]]);
  expect(right(['--predict_data', String.raw`one\ntwo`]).overrides[0]?.value).toBe('one\ntwo');
});

test('num_samples goes to the data sets that are there', async () => {
  const { overrides } = right('--num_samples 5');
  const { config } = await valid('train_dataset: {data_loader: {type: X}}', { overrides });
  expect(config.train_dataset?.data_loader.num_samples).toBe(5);
  expect(config.eval_dataset).toBeNull();
});

test('register_path is told beside the overrides', () => {
  expect(right('--register_path research/qwen1_5 --config a.yaml')).toMatchObject({
    registerPath: 'research/qwen1_5',
    config: 'a.yaml',
    overrides: [],
  });
});

test.each([
  ['--seed x', 'flag-value: --seed must be a whole number; found "x"'],
  ['--use_parallel 1', 'flag-value: --use_parallel must be True or False; found "1"'],
  ['--run_mode trian', 'Did you mean train?'],
  ['--seed', 'flag-value: --seed needs a value.'],
  ['word', 'flag-unknown: "word" stands alone'],
  ['--seed 1 2', 'flag-unknown: "2" stands alone'],
  ['-x 1', 'flag-unknown: "-x" stands alone'],
  ['--options seed', '--options wants key.name=value; found "seed"'],
  ['--options a=[1', 'must be a value whose brackets close'],
  ['--a..b 1', 'flag-unknown: --a..b is no flag and no key'],
  ['--sed', 'flag-value: --sed needs a value. Did you mean --seed?'],
])('%s is an error: %s', (line, message) => {
  expect(wrong(line).join('\n')).toContain(message);
});

test('all errors are collected', () => {
  expect(wrong('--seed x --use_parallel y --options z')).toHaveLength(3);
});

test('every flag reads a fitting value by its name, and by any beginning no other flag has', () => {
  for (const flag of RUN_FLAGS) {
    const text = ['5', 'True', 'train', 'a=5'].find((value) => parseRunFlags([flag.name, value]).ok) ?? '';
    const whole = parseRunFlags([flag.name, text]);
    expect(whole.ok, flag.name).toBe(true);
    for (let length = 3; length < flag.name.length; length++) {
      const begun = flag.name.slice(0, length);
      const meant = RUN_FLAGS.filter(({ name }) => name.startsWith(begun)).length;
      const exact = RUN_FLAGS.some(({ name }) => name === begun);
      if (meant > 1 && !exact) expect(parseRunFlags([begun, text]).ok, begun).toBe(false);
      if (meant === 1) expect(parseRunFlags([`${begun}=${text}`]).ok, begun).toBe(true);
    }
  }
});

test('free keys come back as they went in', () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{7,11}x$/);
  const json = fc.oneof(fc.integer(), fc.boolean(), fc.array(fc.integer()), fc.stringMatching(/^[a-z]+\/[a-z]+$/));
  fc.assert(
    fc.property(fc.array(name, { minLength: 2, maxLength: 4 }), json, fc.boolean(), (path, value, joined) => {
      const flag = `--${path.join('.')}`;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const result = parseRunFlags(joined ? [`${flag}=${text}`] : [flag, text]);
      expect(result).toMatchObject({ ok: true, overrides: [{ path, value, flag, parents: 'must-exist' }] });
    }),
  );
});

test('no command line makes it throw', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(...RUN_FLAGS.map(({ name }) => name)),
    fc.constantFrom('True', '--', '=', '--=', '-1'),
  );
  fc.assert(
    fc.property(fc.array(word), (argv) => {
      expect(typeof parseRunFlags(argv).ok).toBe('boolean');
    }),
  );
});

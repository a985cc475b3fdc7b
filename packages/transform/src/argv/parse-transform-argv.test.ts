import { describe, expect, test } from 'vitest';
import { isTransformError } from '../transform-error.ts';
import { parseTransformArgv } from './parse-transform-argv.ts';
import type { TransformOptions } from './transform-options.ts';

function optionsOf(...argv: readonly string[]): TransformOptions {
  const parsed = parseTransformArgv(argv);
  if (parsed.form === 'plan') throw new Error('no options');
  return parsed.options;
}

function refusal(...argv: readonly string[]): string {
  try {
    parseTransformArgv(argv);
  } catch (error) {
    if (isTransformError(error) && error.code === 'usage') return error.message;
    throw error;
  }
  return '';
}

test('the flags of transform_checkpoint.py, as the document writes them', () => {
  const options = optionsOf(
    '--src_checkpoint=/worker/checkpoint/llama-7b-2layer/rank_0/llama_7b.ckpt',
    '--dst_checkpoint=/worker/transform_ckpt/llama_7b_1to8/',
    '--dst_strategy=/worker/mindformers/output/strategy/',
  );
  expect(options).toMatchObject({
    srcCheckpoint: '/worker/checkpoint/llama-7b-2layer/rank_0/llama_7b.ckpt',
    srcStrategy: null,
    dstCheckpoint: '/worker/transform_ckpt/llama_7b_1to8/',
    dstStrategy: '/worker/mindformers/output/strategy/',
    prefix: 'checkpoint_',
    rankId: null,
    worldSize: null,
    processNum: 1,
    byRank: false,
    outputFormat: null,
    unifiedPartBytes: null,
  });
});

test('every flag, with its value behind it', () => {
  const argv =
    '--src_checkpoint a --src_strategy b --dst_checkpoint_dir c --dst_strategy d --prefix p_ --rank_id 4 --world_size 8 --transform_process_num 2 --transform_by_rank True --step 12';
  expect(optionsOf(...argv.split(' '))).toMatchObject({
    srcCheckpoint: 'a',
    srcStrategy: 'b',
    dstCheckpoint: 'c',
    dstStrategy: 'd',
    prefix: 'p_',
    rankId: 4,
    worldSize: 8,
    processNum: 2,
    byRank: true,
    step: 12,
  });
});

test('names may be shortened as long as they are clear', () => {
  expect(optionsOf('--src_c', 'a', '--transform_p=2').processNum).toBe(2);
  expect(refusal('--src', 'a')).toContain('may be --src_checkpoint or --src_strategy');
  expect(optionsOf('--src_checkpoint', 'a', '--dst_checkpoint', 'b').dstCheckpoint).toBe('b');
});

test('None and nothing are no strategy', () => {
  expect(optionsOf('--src_checkpoint=a', '--src_strategy=None', '--dst_strategy=').srcStrategy).toBeNull();
  expect(optionsOf('--src_checkpoint=a', '--dst_strategy=').dstStrategy).toBeNull();
});

describe('the words of transform_checkpoint.sh', () => {
  test('six of them, None for a complete source', () => {
    const parsed = parseTransformArgv(['a.ckpt', 'None', './out', './strategy', '8', '2']);
    expect(parsed).toMatchObject({
      form: 'positional',
      options: { srcCheckpoint: 'a.ckpt', srcStrategy: null, dstStrategy: './strategy', worldSize: 8, processNum: 2 },
    });
  });

  test('a seventh is the prefix', () => {
    expect(optionsOf('a', 'b', 'c', 'd', '4', '2', 'llama_').prefix).toBe('llama_');
  });

  test('any other number of them is refused, with what is wanted', () => {
    expect(refusal('a', 'b', 'c', 'd', '8')).toContain('6 or 7 are needed: src_checkpoint src_strategy');
  });
});

test('sizes are written as people write them', () => {
  const memory = (text: string): number => optionsOf('--src_checkpoint=a', `--memory=${text}`).memoryBytes;
  expect(['256MB', '1GiB', '2k', '77'].map(memory)).toEqual([256e6, 2 ** 30, 2048, 77]);
  expect(refusal('--src_checkpoint=a', '--memory=much')).toContain('256MB');
});

test('unified safetensors have parts of 3 GiB, or of what is said', () => {
  expect(optionsOf('--src_checkpoint=a', '--unified').unifiedPartBytes).toBe(3 * 2 ** 30);
  expect(optionsOf('--src_checkpoint=a', '--part_size=1GiB')).toMatchObject({
    unifiedPartBytes: 2 ** 30,
    outputFormat: 'safetensors',
  });
  expect(refusal('--src_checkpoint=a', '--unified', '--output_format=ckpt')).toContain('safetensors');
});

test('a plan says everything but how it is applied', () => {
  expect(parseTransformArgv(['--plan', 'p.json', '--jobs', '2'])).toMatchObject({
    form: 'plan',
    file: 'p.json',
    processNum: 2,
  });
  expect(refusal('--plan', 'p.json', '--prefix', 'x')).toContain('--prefix cannot be given with --plan');
});

test.each([
  [['--dst_strategy', 's'], '--src_checkpoint is missing'],
  [['--src_checkpoint', 'a', '--rank_id', 'x'], '--rank_id x'],
  [['--src_checkpoint', 'a', '--transform_process_num', '0'], 'from 1 on'],
  [['--src_checkpoint', 'a', '--prefix', '../x'], '--prefix'],
  [['--src_checkpoint', 'a', '--output_format', 'bin'], 'ckpt or safetensors'],
  [['--src_checkpoint', 'a', '--transform_by_rank', 'maybe'], 'True or False'],
  [['--src_checkpoint'], 'needs a value'],
  [['--strange', 'a'], 'is no flag'],
])('%j is refused', (argv, message) => {
  expect(refusal(...argv)).toContain(message);
});

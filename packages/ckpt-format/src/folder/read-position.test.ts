import type { ElementType } from '@cairn/bytes';
import { sourceOf } from '@cairn/bytes';
import { expect, test } from 'vitest';
import { concat, tensorEntry } from '../../test/build-ckpt.ts';
import { floats } from '../../test/checkpoint-of.ts';
import { indexNow } from '../../test/sources.ts';
import { readPosition } from './index.ts';

/** Bookkeeping numbers: name, shape, dtype, little-endian content. */
type Numbers = readonly (readonly [name: string, shape: readonly number[], dtype: ElementType, hex: string])[];

async function positionOf(numbers: Numbers) {
  const bytes = concat(
    tensorEntry('w', [1], 'Float32', floats('w', [1]).content),
    ...numbers.map(([name, shape, dtype, hex]) =>
      tensorEntry(name, shape, dtype, new Uint8Array(Buffer.from(hex, 'hex'))),
    ),
  );
  return readPosition(sourceOf(bytes), indexNow(sourceOf(bytes)));
}

test('numbers are read of any type, as scalars and as one element', async () => {
  const position = await positionOf([
    ['step_num', [], 'Int64', '0c00000000000000'],
    ['epoch_num', [1], 'Int32', '02000000'],
    ['global_step', [1, 1], 'Float32', '00004041'],
    ['global_batch_size', [], 'UInt8', '20'],
    ['loss_scale', [], 'Float16', '0038'],
  ]);
  expect(position).toEqual({ step: 12, epoch: 2, globalBatchSize: 32, lossScale: 0.5 });
});

test('what is not there, or no single number, is null', async () => {
  const none = { step: null, epoch: null, globalBatchSize: null, lossScale: null };
  expect(await positionOf([])).toEqual(none);
  expect(await positionOf([['step_num', [2], 'Int32', '0100000002000000']])).toEqual(none);
});

test.each([
  ['step_num', 'Int64', '0c00000000000040', /step_num is 46116860184273\d+; the file is damaged/],
  ['step_num', 'Int64', 'ffffffffffffffff', /step_num is -1/],
  ['epoch_num', 'Float32', '0000c07f', /epoch_num is NaN/],
  ['global_batch_size', 'Float32', '0000003f', /global_batch_size is 0.5/],
] as const)('a %s of %s %s is damage, not a position', async (name, dtype, hex, message) => {
  await expect(positionOf([[name, [], dtype, hex]])).rejects.toMatchObject({
    code: 'malformed',
    tensor: name,
    message: expect.stringMatching(message),
  });
});

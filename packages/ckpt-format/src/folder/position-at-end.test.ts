import { readFileSync } from 'node:fs';
import { sourceOf } from '@cairn/bytes';
import { expect, test } from 'vitest';
import { concat, tensorEntry } from '../../test/build-ckpt.ts';
import { crcTrailer } from '../ckpt/crc-trailer.ts';
import { positionAtEnd } from './position-at-end.ts';
import { proveWhole } from './prove-whole.ts';

const GOLDEN = new URL(
  '../../../../conformance/golden/mindformers-run/checkpoint-step6/rank_0/llama_tiny_rank_0-2_2.ckpt',
  import.meta.url,
);

function int64(name: string, value: number): Uint8Array {
  return tensorEntry(name, [], 'Int64', new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
}

const numbers = concat(int64('epoch_num', 3), int64('step_num', 6));
const weight = (bytes: Uint8Array): Uint8Array => tensorEntry('w', [bytes.length], 'UInt8', bytes);

test('of a file that MindFormers wrote, without looking at what lies before its last kilobyte', async () => {
  const bytes = readFileSync(GOLDEN);
  bytes.fill(0xff, 0, bytes.length - 1024);
  expect(await positionAtEnd(sourceOf(bytes))).toEqual({ step: 6, epoch: 2, globalBatchSize: 4, lossScale: 65_536 });
});

test('in front of a CRC trailer too', async () => {
  const file = concat(weight(new Uint8Array(2000)), numbers, crcTrailer(7));
  expect(await positionAtEnd(sourceOf(file))).toMatchObject({ step: 6, epoch: 3 });
});

test('is not told by a file that is cut, that goes on with something else, or has none', async () => {
  const whole = concat(weight(new Uint8Array(8)), numbers);
  for (const file of [whole.subarray(0, -1), concat(whole, Uint8Array.of(10)), new Uint8Array(0)]) {
    expect(await positionAtEnd(sourceOf(file))).toBeNull();
  }
});

test('is not told by numbers that lie in front of the last kilobyte', async () => {
  expect(await positionAtEnd(sourceOf(concat(numbers, weight(new Uint8Array(2000)))))).toBeNull();
});

test('contents of a tensor that look like the end are found out by the proof', async () => {
  const file = concat(
    int64('step_num', 4),
    weight(new Uint8Array(2000)),
    tensorEntry('x', [numbers.length], 'UInt8', numbers),
  );
  expect(await positionAtEnd(sourceOf(file))).toMatchObject({ step: 6 });
  const proof = await proveWhole(sourceOf(file), { format: 'ckpt', expected: null, side: null });
  expect(proof).toMatchObject({ whole: false, why: 'its last bytes tell another step than its entries' });
});

import { sourceOf } from '@cairn/bytes';
import { expect, test } from 'vitest';
import { checkpointOf, sideOf } from '../../test/checkpoint-of.ts';
import { decrypted } from '../encryption/index.ts';
import type { SideFile } from './index.ts';
import { verifyFile } from './index.ts';

const SPEC = { step: 8 };

async function verify(bytes: Uint8Array, side: SideFile | null = null) {
  return verifyFile(sourceOf(bytes), { format: 'ckpt', side });
}

/** Flips a bit of the content that holds these values. */
function flipped(file: Uint8Array, ...values: number[]): Uint8Array {
  const at = Buffer.from(file).indexOf(Buffer.from(Float32Array.from(values).buffer));
  const copy = file.slice();
  copy[at + 1]! ^= 4;
  return copy;
}

test('says what was proven, and what there was nothing for', async () => {
  expect(await verify(await checkpointOf(SPEC))).toEqual({
    whole: true,
    flaws: [],
    structure: true,
    crc: 'absent',
    tensors: 3,
    digested: 0,
    position: { step: 8, epoch: null, globalBatchSize: null, lossScale: null },
  });
  const proven = await verify(await checkpointOf({ ...SPEC, crc: true }), sideOf(SPEC));
  expect(proven).toMatchObject({ whole: true, crc: 'ok', tensors: 3, digested: 3 });
});

test('names every damaged tensor, and the CRC', async () => {
  const file = flipped(flipped(await checkpointOf({ ...SPEC, crc: true }), 1, 2, 3), 4);
  const verdict = await verify(file, sideOf({ ...SPEC, weights: { 'net.w': [1, 2, 3], 'net.b': [4], gone: [1] } }));
  expect(verdict).toMatchObject({ whole: false, structure: true, crc: 'mismatch', tensors: 3, digested: 1 });
  expect(verdict.flaws.map(({ tensor }) => tensor)).toEqual(['net.w', 'net.b', 'gone', null]);
  expect(verdict.flaws[0]?.byte).toBe(
    Buffer.from(file).indexOf(Buffer.from('0000803f'.replace('0000', '0004'), 'hex')),
  );
});

test('of a cut file nothing is proven', async () => {
  const file = await checkpointOf(SPEC);
  const verdict = await verify(file.subarray(0, file.length - 1), sideOf(SPEC));
  expect(verdict).toMatchObject({ whole: false, structure: false, crc: 'unknown', tensors: null, position: null });
  expect(verdict.flaws).toEqual([expect.objectContaining({ byte: expect.any(Number) })]);
});

test('a position that cannot be is a flaw', async () => {
  const verdict = await verify(await checkpointOf({ step: -1 }));
  expect(verdict).toMatchObject({ whole: false, structure: true, flaws: [{ tensor: 'step_num' }] });
});

test('a key that does not fit is a flaw of the file, or of the key', async () => {
  const unlock = async () => decrypted(sourceOf(new Uint8Array(40)), { key: new Uint8Array(16), mode: 'AES-GCM' });
  const verdict = await verifyFile(sourceOf(new Uint8Array(40)), { format: 'ckpt', side: null, unlock });
  expect(verdict).toMatchObject({
    whole: false,
    structure: false,
    flaws: [{ why: expect.stringContaining('cipher') }],
  });
});

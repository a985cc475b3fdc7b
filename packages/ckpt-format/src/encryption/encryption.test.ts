import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { ByteSource } from '@cairn/bytes';
import { readBytes, sourceOf } from '@cairn/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, hex } from '../../test/build-ckpt.ts';
import { indexNow, MemorySink, sparseSource } from '../../test/sources.ts';
import { indexCheckpoint, isCkptError, writeCkpt, writeSafetensors } from '../index.ts';
import { MAX_CIPHER_BLOCK_BYTES, MAX_CIPHER_BLOCKS } from '../limits.ts';
import type { CipherMode, Sm4Cbc } from './index.ts';
import { decrypted, encryptingSink } from './index.ts';

const EPOCH = hex('0a1e0a0965706f63685f6e756d12111205496e7436341a080700000000000000');
const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);
const IV = Uint8Array.from({ length: 16 }, (_, i) => 16 + i);

/** mindspore-formats §1.7: EPOCH under KEY and IV, each decrypted by the real MindSpore. */
const VECTORS: Readonly<Record<CipherMode, Uint8Array>> = {
  'AES-GCM': hex(`d85e3a7fedcc875fd048e0bca049efe783c84ebd3800000010000000101112131415161718191a1b1c1d1e1f20000000
                  ce3009a66a3fd98c7f823380aa35fa2c3ff51af300c071b782cb2911670511ad`),
  'AES-CBC': hex(`d95e3a7f4800000010000000101112131415161718191a1b1c1d1e1f30000000a4dfa0fd5e7c2d7604713e6c7c95c0f9
                  2c2a27625d2a94b274eff570e34447fdb03faf0166234a640076d96df513fbae`),
  'SM4-CBC': hex(`da5e3a7f4800000010000000101112131415161718191a1b1c1d1e1f300000000f09439fd03ae7031d3739994d1cb80c
                  cff632294c09a8ebe21f3e7ce0dbbd5cba5f1bf1cff493b2c12f42fffc671739`),
};
const MODES = ['AES-GCM', 'AES-CBC', 'SM4-CBC'] as const;

const openssl: Sm4Cbc = {
  encrypt: (key, iv, plain) => {
    const cipher = createCipheriv('sm4-cbc', key, iv);
    return concat(cipher.update(plain), cipher.final());
  },
  decrypt: (key, iv, bytes) => {
    const cipher = createDecipheriv('sm4-cbc', key, iv);
    return concat(cipher.update(bytes), cipher.final());
  },
};

async function encrypt(plain: Uint8Array, mode: CipherMode, key: Uint8Array = KEY): Promise<Uint8Array> {
  const behind = new MemorySink();
  const sink = encryptingSink(behind, { key, mode, randomIv: () => IV });
  await sink.write(0, plain);
  expect(await sink.finish()).toEqual({ bytes: behind.bytes.length });
  return behind.bytes;
}

async function plainOf(source: ByteSource): Promise<Uint8Array> {
  return readBytes(source, 0, source.size);
}

describe.each(MODES)('%s', (mode) => {
  test('the vector is what we write, and is read', async () => {
    expect(await encrypt(EPOCH, mode)).toEqual(VECTORS[mode]);
    const source = await decrypted(sourceOf(VECTORS[mode]), { key: KEY, mode });
    expect(await plainOf(source)).toEqual(EPOCH);
    expect(await indexCheckpoint(source, 'ckpt')).toMatchObject({ entries: [{ name: 'epoch_num' }] });
  });

  test('every length and every range comes back', async () => {
    const lengths = fc.integer({ min: 0, max: 100 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.nat(120), fc.nat(120), async (length, offset, wanted) => {
        const plain = Uint8Array.from({ length: length + 1 }, (_, i) => (i === 0 ? 0x0a : (i * 31) & 255));
        const source = await decrypted(sourceOf(await encrypt(plain, mode)), { key: KEY, mode });
        expect(source.size).toBe(plain.length);
        const into = new Uint8Array(wanted);
        const part = plain.subarray(offset, offset + wanted);
        expect(await source.read(offset, into)).toBe(part.length);
        expect(into.subarray(0, part.length)).toEqual(part);
      }),
    );
  });

  test('files of several blocks are one plaintext', async () => {
    const plain = [EPOCH, Uint8Array.of(1), EPOCH.subarray(0, 16), EPOCH];
    const file = concat(...(await Promise.all(plain.map((part) => encrypt(part, mode)))));
    const source = await decrypted(sourceOf(file), { key: KEY, mode });
    expect(await plainOf(source)).toEqual(concat(...plain));
    const across = new Uint8Array(20);
    expect(await source.read(30, across)).toBe(20);
    expect(across).toEqual(concat(...plain).slice(30, 50));
    const [a, b] = [new Uint8Array(4), new Uint8Array(4)];
    await Promise.all([source.read(0, a), source.read(60, b)]);
    expect([a, b]).toEqual([EPOCH.slice(0, 4), EPOCH.slice(11, 15)]);
  });

  test('a wrong key never opens, though CBC has no tag', async () => {
    const keys = fc.uint8Array({ minLength: 16, maxLength: 16 }).filter((key) => key.some((byte, i) => byte !== i));
    await fc.assert(
      fc.asyncProperty(keys, async (key) => {
        const opened = decrypted(sourceOf(VECTORS[mode]), { key, mode });
        await expect(opened).rejects.toMatchObject({ code: 'wrong-key', byte: 0 });
      }),
    );
  });

  test('a key of a wrong length is refused', async () => {
    const sink = encryptingSink(new MemorySink(), { key: new Uint8Array(15), mode, randomIv: () => IV });
    await expect(sink.finish()).rejects.toMatchObject({ code: 'wrong-key' });
    const opened = decrypted(sourceOf(VECTORS[mode]), { key: new Uint8Array(15), mode });
    await expect(opened).rejects.toMatchObject({ code: 'wrong-key' });
  });

  test('the wrong mode names the right one', async () => {
    const other = mode === 'AES-GCM' ? 'AES-CBC' : 'AES-GCM';
    await expect(decrypted(sourceOf(VECTORS[mode]), { key: KEY, mode: other })).rejects.toThrow(mode);
  });

  test('headers with sizes that do not fit are refused, long ones before memory is taken', async () => {
    const sizes = mode === 'AES-GCM' ? 20 : 4;
    const withSizes = (block: number, iv: number, cipher: number): Uint8Array => {
      const bytes = VECTORS[mode].slice();
      const view = new DataView(bytes.buffer);
      view.setInt32(sizes, block, true);
      view.setInt32(sizes + 4, iv, true);
      view.setInt32(sizes + 24, cipher, true);
      return bytes;
    };
    const open = (bytes: Uint8Array): Promise<ByteSource> => decrypted(sourceOf(bytes), { key: KEY, mode });
    await expect(open(withSizes(24, 16, 0))).rejects.toMatchObject({ code: 'malformed' });
    await expect(open(withSizes(8, 16, -16))).rejects.toMatchObject({ code: 'malformed' });
    await expect(open(withSizes(40, 12, 16))).rejects.toMatchObject({ code: 'malformed' });
    await expect(open(withSizes(41, 16, 16))).rejects.toMatchObject({ code: 'malformed' });
    await expect(open(withSizes(24 + 64, 16, 64))).rejects.toMatchObject({ code: 'truncated' });
    const long = MAX_CIPHER_BLOCK_BYTES + 32;
    const source = sparseSource(2 * long, [{ offset: 0, bytes: withSizes(24 + long, 16, long) }]);
    await expect(decrypted(source, { key: KEY, mode })).rejects.toMatchObject({ code: 'limit' });
  });

  test('damage gives a CkptError; without a tag also other bytes', async () => {
    const outcome = async (bytes: Uint8Array): Promise<string> => {
      try {
        const plain = await plainOf(await decrypted(sourceOf(bytes), { key: KEY, mode }));
        return Buffer.compare(plain, EPOCH) === 0 ? 'same' : 'other bytes';
      } catch (error) {
        return isCkptError(error) ? 'CkptError' : String(error);
      }
    };
    const allowed = mode === 'AES-GCM' ? ['same', 'CkptError'] : ['same', 'CkptError', 'other bytes'];
    await fc.assert(
      fc.asyncProperty(fc.nat(VECTORS[mode].length - 1), fc.nat(7), async (at, bit) => {
        const flipped = VECTORS[mode].map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));
        expect(allowed).toContain(await outcome(flipped));
        expect(await outcome(VECTORS[mode].slice(0, at))).toBe('CkptError');
      }),
    );
  });
});

test.each([24, 32])('AES takes a key of %i bytes', async (bytes) => {
  const key = new Uint8Array(bytes).fill(7);
  for (const mode of ['AES-GCM', 'AES-CBC'] as const) {
    const source = await decrypted(sourceOf(await encrypt(EPOCH, mode, key)), { key, mode });
    expect(await plainOf(source)).toEqual(EPOCH);
  }
});

test('a plaintext of more than 64 MiB is cut into blocks; reads inside one are answered at once', async () => {
  const behind = new MemorySink();
  let ivs = 0;
  const randomIv = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(ivs++);
  const sink = encryptingSink(behind, { key: KEY, mode: 'AES-CBC', randomIv });
  const content = new Uint8Array(MAX_CIPHER_BLOCK_BYTES).fill(3);
  const { bytes } = await writeCkpt(sink, [
    { kind: 'tensor', name: 'w', dtype: 'UInt8', shape: [content.length], content },
  ]);
  await sink.finish();
  expect(ivs).toBe(2);
  const source = await decrypted(sourceOf(behind.bytes), { key: KEY, mode: 'AES-CBC' });
  expect(source.size).toBe(bytes);
  expect(source.read(100, new Uint8Array(4))).toBe(4);
  expect(await source.read(bytes - 4, new Uint8Array(4))).toBe(4);
  const index = await indexCheckpoint(source, 'ckpt');
  expect(index.entries).toMatchObject([{ name: 'w', bytes: content.length }]);
});

test("the host's SM4 is used when it is given, and agrees with the library's", async () => {
  const ours = await encrypt(EPOCH, 'SM4-CBC');
  const behind = new MemorySink();
  const sink = encryptingSink(behind, { key: KEY, mode: 'SM4-CBC', randomIv: () => IV, sm4Cbc: openssl });
  await sink.write(0, EPOCH);
  await sink.finish();
  expect(behind.bytes).toEqual(ours);
  const source = await decrypted(sourceOf(ours), { key: KEY, mode: 'SM4-CBC', sm4Cbc: openssl });
  expect(await plainOf(source)).toEqual(EPOCH);
});

describe('refused', () => {
  const sinkOf = (behind: MemorySink): ReturnType<typeof encryptingSink> =>
    encryptingSink(behind, { key: KEY, mode: 'AES-GCM', randomIv: () => IV });
  const text = { kind: 'text', name: 't', text: 'x' } as const;

  test('a CRC together with encryption', async () => {
    const behind = new MemorySink();
    await expect(writeCkpt(sinkOf(behind), [text], { crc: true })).rejects.toMatchObject({ code: 'unwritable' });
    expect(behind.offsets).toEqual([]);
  });

  test('a file that has both, as MindSpore writes and cannot read it', async () => {
    const file = concat(VECTORS['AES-GCM'], hex('6372635f6e756d00000000000000000000'));
    const opened = decrypted(sourceOf(file), { key: KEY, mode: 'AES-GCM' });
    await expect(opened).rejects.toMatchObject({ code: 'malformed', byte: VECTORS['AES-GCM'].length });
  });

  test('more blocks than a file may have', async () => {
    const block = await encrypt(Uint8Array.of(0x0a), 'AES-GCM');
    const file = new Uint8Array(block.length * (MAX_CIPHER_BLOCKS + 1));
    for (let at = 0; at < file.length; at += block.length) file.set(block, at);
    const opened = decrypted(sourceOf(file), { key: KEY, mode: 'AES-GCM' });
    await expect(opened).rejects.toMatchObject({ code: 'limit', byte: block.length * MAX_CIPHER_BLOCKS });
  });

  test('safetensors', async () => {
    const tensor = { kind: 'tensor', name: 'w', dtype: 'Int8', shape: [], content: new Uint8Array(1) } as const;
    await expect(writeSafetensors(sinkOf(new MemorySink()), [tensor])).rejects.toMatchObject({ code: 'unwritable' });
  });

  test('writes that are not in order', async () => {
    await expect(sinkOf(new MemorySink()).write(1, EPOCH)).rejects.toMatchObject({ code: 'unwritable', byte: 1 });
  });

  test('a plain file, and one without bytes', async () => {
    const open = (bytes: Uint8Array): Promise<ByteSource> => decrypted(sourceOf(bytes), { key: KEY, mode: 'AES-CBC' });
    await expect(open(EPOCH)).rejects.toMatchObject({ code: 'not-encrypted' });
    await expect(open(new Uint8Array(0))).rejects.toMatchObject({ code: 'empty' });
    expect(() => indexNow(sourceOf(VECTORS['SM4-CBC']))).toThrow(expect.objectContaining({ code: 'encrypted' }));
  });
});

import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { concat } from '../../test/build-ckpt.ts';
import { pureSm4Cbc } from './pure-sm4-cbc.ts';

const KEY = new Uint8Array(16).fill(1);
const IV = new Uint8Array(16).fill(2);

function openssl(plain: Uint8Array, padding: boolean): Uint8Array {
  const cipher = createCipheriv('sm4-cbc', KEY, IV).setAutoPadding(padding);
  return concat(cipher.update(plain), cipher.final());
}

test('agrees with OpenSSL over more than one piece of a megabyte', async () => {
  const sm4 = await pureSm4Cbc();
  const plain = Uint8Array.from({ length: 1_048_576 + 5 }, (_, i) => i & 255);
  const sealed = await sm4.encrypt(KEY, IV, plain);
  expect(Buffer.compare(sealed, openssl(plain, true))).toBe(0);
  expect(Buffer.compare(await sm4.decrypt(KEY, IV, sealed), plain)).toBe(0);
});

test('padding of no bytes, of more than sixteen, or of unequal ones is refused', async () => {
  const sm4 = await pureSm4Cbc();
  const unequal = new Uint8Array(16).fill(3);
  unequal[13] = 4;
  for (const plain of [new Uint8Array(16), new Uint8Array(32).fill(17), unequal]) {
    expect(() => sm4.decrypt(KEY, IV, openssl(plain, false))).toThrow('wrong padding');
  }
  expect(() => sm4.decrypt(KEY, IV, new Uint8Array(0))).toThrow('wrong padding');
});

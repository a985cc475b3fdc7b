import type { Sm4Cbc } from './cipher.ts';

const BLOCK_BYTES = 16;
/** The library copies what it is given; pieces keep the copies small. */
const PIECE_BYTES = 1_048_576;
/** Padding is ours: the library's does not look at its range. */
const RAW = { mode: 'cbc', padding: 'none', output: 'array' } as const;

/** SM4-CBC in JavaScript (about 45 MB/s), loaded when first asked for. */
export async function pureSm4Cbc(): Promise<Sm4Cbc> {
  const { sm4 } = await import('sm-crypto-v2');
  return {
    encrypt(key, iv, plain) {
      const out = padded(plain);
      for (let at = 0; at < out.length; at += PIECE_BYTES) {
        const previous = at === 0 ? iv : out.subarray(at - BLOCK_BYTES, at);
        out.set(sm4.encrypt(out.subarray(at, at + PIECE_BYTES), key, { ...RAW, iv: previous }), at);
      }
      return out;
    },
    decrypt(key, iv, cipher) {
      const out = new Uint8Array(cipher.length);
      for (let at = 0; at < cipher.length; at += PIECE_BYTES) {
        const previous = at === 0 ? iv : cipher.subarray(at - BLOCK_BYTES, at);
        out.set(sm4.decrypt(cipher.subarray(at, at + PIECE_BYTES), key, { ...RAW, iv: previous }), at);
      }
      return unpadded(out);
    },
  };
}

/** PKCS#7: one to sixteen bytes, each of which says how many they are. */
function padded(plain: Uint8Array): Uint8Array {
  const count = BLOCK_BYTES - (plain.length % BLOCK_BYTES);
  const out = new Uint8Array(plain.length + count);
  out.set(plain);
  return out.fill(count, plain.length);
}

function unpadded(bytes: Uint8Array): Uint8Array {
  const count = bytes.at(-1) ?? 0;
  const right = count >= 1 && count <= BLOCK_BYTES && bytes.subarray(-count).every((byte) => byte === count);
  if (!right) throw new Error('wrong padding');
  return bytes.subarray(0, -count);
}

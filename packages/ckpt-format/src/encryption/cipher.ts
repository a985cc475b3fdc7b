import { CkptError } from '../ckpt-error.ts';
import type { CipherMode } from './cipher-mode.ts';
import { pureSm4Cbc } from './pure-sm4-cbc.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** SM4-CBC with PKCS#7 padding, as a host's OpenSSL has it (`sm4-cbc`). */
export interface Sm4Cbc {
  encrypt(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Throws or rejects when the padding is wrong. */
  decrypt(key: Uint8Array, iv: Uint8Array, cipher: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** What encryption and decryption take alike. */
export interface CipherOptions {
  /** AES: 16, 24 or 32 bytes; SM4: 16 bytes. */
  readonly key: Uint8Array;
  readonly mode: CipherMode;
  /** The host's SM4; without it a library in JavaScript is loaded on first use. */
  readonly sm4Cbc?: Sm4Cbc;
}

/** One cipher with its key. Sealed bytes are the ciphertext, for GCM followed by the tag. */
export interface Cipher {
  /** @param iv 16 bytes; GCM uses the first 12 (mindspore-formats §1.7) */
  seal(iv: Bytes, plain: Bytes): Promise<Uint8Array>;
  /** Rejects when the tag or the padding is wrong. */
  open(iv: Bytes, sealed: Bytes): Promise<Uint8Array>;
}

/** Bytes of the authentication tag of GCM. */
export const TAG_BYTES = 16;
/** Bytes of the initialisation vector in front of each block. */
export const IV_BYTES = 16;
const GCM_NONCE_BYTES = 12;

const KEY_BYTES: Readonly<Record<CipherMode, readonly number[]>> = {
  'AES-GCM': [16, 24, 32],
  'AES-CBC': [16, 24, 32],
  'SM4-CBC': [16],
};

/**
 * The cipher of a mode and a key.
 *
 * @throws CkptError `wrong-key` when the mode takes no key of that length
 */
export async function cipherOf(options: CipherOptions): Promise<Cipher> {
  const { key, mode } = options;
  const lengths = KEY_BYTES[mode];
  if (!lengths.includes(key.length)) {
    throw new CkptError(
      'wrong-key',
      `${mode} takes a key of ${lengths.join(' or ')} bytes, this one has ${key.length}`,
    );
  }
  if (mode === 'SM4-CBC') return sm4(key, options.sm4Cbc ?? (await pureSm4Cbc()));
  return aes(mode, await crypto.subtle.importKey('raw', Uint8Array.from(key), mode, false, ['encrypt', 'decrypt']));
}

function aes(name: 'AES-GCM' | 'AES-CBC', key: CryptoKey): Cipher {
  const parameters = (iv: Bytes): AesGcmParams | AesCbcParams => ({
    name,
    iv: name === 'AES-GCM' ? iv.subarray(0, GCM_NONCE_BYTES) : iv,
  });
  return {
    seal: async (iv, plain) => new Uint8Array(await crypto.subtle.encrypt(parameters(iv), key, plain)),
    open: async (iv, sealed) => new Uint8Array(await crypto.subtle.decrypt(parameters(iv), key, sealed)),
  };
}

function sm4(key: Uint8Array, port: Sm4Cbc): Cipher {
  return {
    seal: async (iv, plain) => port.encrypt(key, iv, plain),
    open: async (iv, sealed) => port.decrypt(key, iv, sealed),
  };
}

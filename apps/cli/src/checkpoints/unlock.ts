import { isCkptError } from '@cairn/ckpt-format';
import type { CipherMode } from '@cairn/ckpt-format/encryption';
import type { Unlock } from '@cairn/ckpt-format/folder';
import { usageError } from '../usage-error.ts';

/** What `--dec_key` and `--dec_mode` say. */
export interface KeyFlags {
  readonly dec_key?: string | undefined;
  readonly dec_mode?: string | undefined;
}

/** Help of `--dec_key`. */
export const KEY_HELP: string = 'key of encrypted files: text, or hex:… ; what is not encrypted is read as it is';
/** Help of `--dec_mode`. */
export const MODE_HELP: string = 'AES-GCM (default), AES-CBC or SM4-CBC';

const KEY_BYTES: Readonly<Record<CipherMode, readonly number[]>> = {
  'AES-GCM': [16, 24, 32],
  'AES-CBC': [16, 24, 32],
  'SM4-CBC': [16],
};

/** A key and the cipher it is for. */
export interface Key {
  readonly key: Uint8Array;
  readonly mode: CipherMode;
}

/**
 * The key of the command line; null when there is none.
 *
 * @throws RunError exit 2 for a mode that is none or a key it does not take
 */
export async function keyOf({ dec_key: key, dec_mode: mode = 'AES-GCM' }: KeyFlags): Promise<Key | null> {
  if (!isMode(mode)) throw await usageError(`--dec_mode ${mode}: it is ${Object.keys(KEY_BYTES).join(', ')}`);
  if (key === undefined) return null;
  const bytes = await keyBytes(key);
  const lengths = KEY_BYTES[mode];
  if (!lengths.includes(bytes.length)) {
    throw await usageError(`--dec_key: ${mode} takes ${lengths.join(' or ')} bytes, this key has ${bytes.length}`);
  }
  return { key: bytes, mode };
}

/**
 * Opens encrypted checkpoints with the key of the command line; plain ones are passed on as they are.
 *
 * @throws RunError as {@link keyOf}
 */
export async function unlockWith(flags: KeyFlags): Promise<Unlock> {
  const key = await keyOf(flags);
  if (key === null) return (source) => source;
  return async (source) => {
    const { decrypted } = await import('@cairn/ckpt-format/encryption');
    try {
      return await decrypted(source, key);
    } catch (error) {
      if (isCkptError(error) && error.code === 'not-encrypted') return source;
      throw error;
    }
  };
}

function isMode(mode: string): mode is CipherMode {
  return Object.hasOwn(KEY_BYTES, mode);
}

async function keyBytes(key: string): Promise<Uint8Array> {
  if (!key.startsWith('hex:')) return new TextEncoder().encode(key);
  const digits = key.slice('hex:'.length);
  if (/^(?:[0-9a-f]{2})+$/i.test(digits)) return new Uint8Array(Buffer.from(digits, 'hex'));
  throw await usageError('--dec_key hex:…: two hexadecimal digits a byte are needed');
}

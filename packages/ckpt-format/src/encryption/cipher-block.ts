import type { ByteSource } from '@cairn/bytes';
import { readBytes } from '@cairn/bytes';
import { CkptError } from '../ckpt-error.ts';
import { MAX_CIPHER_BLOCK_BYTES, MAX_CIPHER_BLOCKS } from '../limits.ts';
import { IV_BYTES, TAG_BYTES } from './cipher.ts';
import type { CipherMode } from './cipher-mode.ts';
import { cipherModeOf, MAGIC } from './cipher-mode.ts';

const MAGIC_BYTES = 4;
/** iv_len, iv, cipher_len: what block_size counts beside the ciphertext. */
const COUNTED_BYTES = 4 + IV_BYTES + 4;
/** CBC ciphertext is a multiple of this, with one to sixteen bytes of padding. */
export const CBC_BLOCK_BYTES = 16;

/** Where one cipher block lies (docs/formats/ckpt.md). */
export interface CipherBlock {
  readonly at: number;
  readonly tag: Uint8Array;
  readonly iv: Uint8Array<ArrayBuffer>;
  /** Range of the ciphertext. */
  readonly offset: number;
  readonly bytes: number;
}

/** Bytes in front of the ciphertext. */
function blockHeaderBytes(mode: CipherMode): number {
  return MAGIC_BYTES + tagBytes(mode) + 4 + COUNTED_BYTES;
}

/** The header of a block. */
export function encodeBlockHeader(mode: CipherMode, tag: Uint8Array, iv: Uint8Array, bytes: number): Uint8Array {
  const header = new Uint8Array(blockHeaderBytes(mode));
  const view = new DataView(header.buffer);
  view.setUint32(0, MAGIC[mode], true);
  header.set(tag, MAGIC_BYTES);
  const at = MAGIC_BYTES + tagBytes(mode);
  view.setInt32(at, COUNTED_BYTES + bytes, true);
  view.setInt32(at + 4, IV_BYTES, true);
  header.set(iv, at + 8);
  view.setInt32(at + 8 + IV_BYTES, bytes, true);
  return header;
}

/**
 * Finds the blocks of an encrypted file; only their headers are read.
 *
 * @throws CkptError `not-encrypted`, `wrong-key` (another mode), `truncated`, `malformed`, `limit`
 */
export async function indexBlocks(source: ByteSource, mode: CipherMode): Promise<readonly CipherBlock[]> {
  const blocks: CipherBlock[] = [];
  for (let at = 0; at < source.size;) {
    if (blocks.length === MAX_CIPHER_BLOCKS) {
      throw new CkptError('limit', `more than ${MAX_CIPHER_BLOCKS} cipher blocks; the file is damaged`, { byte: at });
    }
    const block = await blockAt(source, mode, at);
    blocks.push(block);
    at = block.offset + block.bytes;
  }
  if (blocks.length === 0) throw new CkptError('empty', 'the file has no bytes');
  return blocks;
}

async function blockAt(source: ByteSource, mode: CipherMode, at: number): Promise<CipherBlock> {
  const length = Math.min(blockHeaderBytes(mode), source.size - at);
  const header = await readBytes(source, at, length);
  checkMode(cipherModeOf(header), mode, at);
  if (length < blockHeaderBytes(mode)) throw cut(at, source);
  const view = new DataView(header.buffer);
  const sizes = MAGIC_BYTES + tagBytes(mode);
  const blockBytes = view.getInt32(sizes, true);
  const ivBytes = view.getInt32(sizes + 4, true);
  const bytes = view.getInt32(sizes + 8 + IV_BYTES, true);
  const right = ivBytes === IV_BYTES && bytes > 0 && blockBytes === COUNTED_BYTES + bytes;
  if (!right || (mode !== 'AES-GCM' && bytes % CBC_BLOCK_BYTES !== 0)) {
    const message = `the cipher block at byte ${at} has sizes that do not fit (${blockBytes}, ${ivBytes}, ${bytes})`;
    throw new CkptError('malformed', `${message}; the file is damaged`, { byte: at });
  }
  if (bytes > MAX_CIPHER_BLOCK_BYTES + CBC_BLOCK_BYTES) {
    const message = `the cipher block at byte ${at} has ${bytes} bytes, more than ${MAX_CIPHER_BLOCK_BYTES}`;
    throw new CkptError('limit', `${message}; the file is damaged`, { byte: at });
  }
  const offset = at + length;
  if (bytes > source.size - offset) throw cut(at, source);
  const tag = header.subarray(MAGIC_BYTES, sizes);
  return { at, tag, iv: header.subarray(sizes + 8, sizes + 8 + IV_BYTES), offset, bytes };
}

function checkMode(found: CipherMode | undefined, wanted: CipherMode, at: number): void {
  if (found === wanted) return;
  if (found !== undefined) {
    throw new CkptError('wrong-key', `the file is encrypted with ${found}, not ${wanted}: pass that mode`, {
      byte: at,
    });
  }
  if (at === 0) {
    throw new CkptError('not-encrypted', 'the file begins with no cipher block: open it without a key', { byte: at });
  }
  // Such as the plain CRC trailer that MindSpore appends when asked for both; it cannot read that file either.
  throw new CkptError('malformed', `byte ${at}: no cipher block where one must follow; the file is damaged`, {
    byte: at,
  });
}

function tagBytes(mode: CipherMode): number {
  return mode === 'AES-GCM' ? TAG_BYTES : 0;
}

function cut(at: number, source: ByteSource): CkptError {
  const message = `the cipher block at byte ${at} reaches beyond the end at ${source.size}: the file was cut`;
  return new CkptError('truncated', message, { byte: at });
}

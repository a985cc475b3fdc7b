import type { ByteSource } from '@cairn/bytes';
import { readBytes } from '@cairn/bytes';
import { CkptError } from '../ckpt-error.ts';
import { fill, runSteps } from '../steps.ts';
import type { Cipher, CipherOptions } from './cipher.ts';
import { cipherOf } from './cipher.ts';
import type { CipherBlock } from './cipher-block.ts';
import { CBC_BLOCK_BYTES, indexBlocks } from './cipher-block.ts';

/** Every plaintext begins with the first entry of a `.ckpt`. */
const FIRST_BYTE = 0x0a;

/**
 * The plaintext of an encrypted `.ckpt`, decrypted block by block (64 MiB) where it is read. One block is kept, so
 * memory is that of two blocks; reads inside the kept block are answered at once.
 *
 * @throws CkptError (or rejects later, for a later block) `wrong-key` when key or mode do not fit or a block was
 *         changed, `not-encrypted`, `truncated`, `malformed`, `limit`, `empty`
 */
export async function decrypted(source: ByteSource, options: CipherOptions): Promise<ByteSource> {
  const blocks = await indexBlocks(source, options.mode);
  const cipher = await cipherOf(options);
  const ranges: PlainBlock[] = [];
  let begin = 0;
  for (const block of blocks) {
    const end = begin + (await plainBytes(source, block, cipher, options));
    ranges.push({ begin, end, block });
    begin = end;
  }
  const plain = new DecryptedSource(source, cipher, ranges);
  const first = new Uint8Array(1);
  // Also opens the first block, so that a wrong key shows here; CBC padding alone misses one in 256.
  if ((await plain.read(0, first)) === 1 && first[0] !== FIRST_BYTE) throw wrongKey(ranges[0]!.block);
  return plain;
}

/** A block and the range of the plaintext it holds. */
interface PlainBlock {
  readonly begin: number;
  readonly end: number;
  readonly block: CipherBlock;
}

/** Plain bytes of a block; for CBC its end is decrypted, which tells the padding (and most wrong keys). */
async function plainBytes(
  source: ByteSource,
  block: CipherBlock,
  cipher: Cipher,
  { mode }: CipherOptions,
): Promise<number> {
  if (mode === 'AES-GCM') return block.bytes;
  const before = block.bytes - CBC_BLOCK_BYTES;
  const last = await readBytes(source, block.offset + before, CBC_BLOCK_BYTES);
  const iv =
    before === 0 ? block.iv : await readBytes(source, block.offset + before - CBC_BLOCK_BYTES, CBC_BLOCK_BYTES);
  const rest = await cipher.open(iv, last).catch((cause: unknown) => {
    throw wrongKey(block, cause);
  });
  return before + rest.length;
}

/** A block whose bytes are there, or on their way. */
interface KeptBlock {
  readonly range: PlainBlock;
  readonly opening: Promise<Uint8Array>;
  bytes?: Uint8Array;
}

class DecryptedSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #cipher: Cipher;
  /** In order, none empty. */
  readonly #ranges: readonly PlainBlock[];
  #kept: KeptBlock | undefined;

  constructor(source: ByteSource, cipher: Cipher, ranges: readonly PlainBlock[]) {
    this.#source = source;
    this.#cipher = cipher;
    this.#ranges = ranges.filter(({ begin, end }) => end > begin);
    this.size = ranges.at(-1)?.end ?? 0;
  }

  read(offset: number, into: Uint8Array): number | Promise<number> {
    const { range, bytes } = this.#kept ?? {};
    if (range === undefined || bytes === undefined) return this.#readBlocks(offset, into);
    if (offset < range.begin || offset + into.length > range.end) return this.#readBlocks(offset, into);
    into.set(bytes.subarray(offset - range.begin, offset - range.begin + into.length));
    return into.length;
  }

  async #readBlocks(offset: number, into: Uint8Array): Promise<number> {
    const wanted = Math.max(0, Math.min(into.length, this.size - offset));
    for (let done = 0; done < wanted;) {
      const range = this.#rangeAt(offset + done);
      const from = offset + done - range.begin;
      const part = (await this.#open(range)).subarray(from, from + wanted - done);
      into.set(part, done);
      done += part.length;
    }
    return wanted;
  }

  async #open(range: PlainBlock): Promise<Uint8Array> {
    if (this.#kept?.range === range) return this.#kept.opening;
    const kept: KeptBlock = { range, opening: openBlock(this.#source, this.#cipher, range) };
    this.#kept = kept;
    return (kept.bytes = await kept.opening);
  }

  /** The block that holds a byte of the plaintext. */
  #rangeAt(offset: number): PlainBlock {
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    return this.#ranges[low]!;
  }
}

async function openBlock(source: ByteSource, cipher: Cipher, { begin, end, block }: PlainBlock): Promise<Uint8Array> {
  const sealed = new Uint8Array(block.bytes + block.tag.length);
  sealed.set(block.tag, block.bytes);
  await runSteps(fill(source, block.offset, sealed.subarray(0, block.bytes)));
  const plain = await cipher.open(block.iv, sealed).catch((cause: unknown) => {
    throw wrongKey(block, cause);
  });
  if (plain.length !== end - begin) throw wrongKey(block);
  return plain;
}

function wrongKey({ at }: CipherBlock, cause?: unknown): CkptError {
  const message = `the cipher block at byte ${at} does not open: the key is another one, or the block was changed`;
  return new CkptError('wrong-key', `${message}; check the key, or use another copy`, { byte: at, cause });
}

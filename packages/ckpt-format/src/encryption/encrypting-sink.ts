import type { ByteSink } from '@cairn/bytes';
import { CkptError } from '../ckpt-error.ts';
import { MAX_CIPHER_BLOCK_BYTES } from '../limits.ts';
import type { Cipher, CipherOptions } from './cipher.ts';
import { cipherOf, IV_BYTES, TAG_BYTES } from './cipher.ts';
import { encodeBlockHeader } from './cipher-block.ts';
import type { CipherMode } from './cipher-mode.ts';
import type { EncryptingSink } from './encrypting.ts';

/** Key, mode and source of randomness of an encrypted file. */
export interface EncryptingOptions extends CipherOptions {
  /** Bytes no one can foresee; asked for 16 a block. Two blocks with the same ones break GCM. */
  readonly randomIv: (bytes: number) => Uint8Array;
}

/**
 * A sink that encrypts a `.ckpt` on its way, as MindSpore's `enc_key` does: every 64 MiB become a block. Call `finish`
 * after the last write.
 *
 * @throws CkptError (rejects) `wrong-key` for a key of the wrong length; writes reject with `unwritable` when they are
 *         not one after another
 */
export function encryptingSink(sink: ByteSink, options: EncryptingOptions): EncryptingSink {
  return new BlockEncryptor(sink, options);
}

class BlockEncryptor implements EncryptingSink {
  readonly encrypts: CipherMode;
  readonly #sink: ByteSink;
  readonly #randomIv: (bytes: number) => Uint8Array;
  readonly #cipher: Promise<Cipher>;
  readonly #plain = new Uint8Array(MAX_CIPHER_BLOCK_BYTES);
  #gathered = 0;
  /** Plain bytes taken, and bytes written to the sink behind. */
  #taken = 0;
  #written = 0;

  constructor(sink: ByteSink, options: EncryptingOptions) {
    this.encrypts = options.mode;
    this.#sink = sink;
    this.#randomIv = options.randomIv;
    this.#cipher = cipherOf(options);
    // The rejection is that of the first write or of finish.
    this.#cipher.catch(() => undefined);
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset !== this.#taken) {
      const message = `a write at byte ${offset} where byte ${this.#taken} comes next; encryption takes them in order`;
      throw new CkptError('unwritable', message, { byte: offset });
    }
    this.#taken += bytes.length;
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.#plain.length - this.#gathered);
      this.#plain.set(part, this.#gathered);
      this.#gathered += part.length;
      at += part.length;
      if (this.#gathered === this.#plain.length) await this.#seal();
    }
  }

  async finish(): Promise<{ readonly bytes: number }> {
    await this.#seal();
    return { bytes: this.#written };
  }

  async #seal(): Promise<void> {
    const cipher = await this.#cipher;
    if (this.#gathered === 0) return;
    const iv = Uint8Array.from(this.#randomIv(IV_BYTES));
    if (iv.length !== IV_BYTES) throw new RangeError(`randomIv gave ${iv.length} bytes of ${IV_BYTES}`);
    const sealed = await cipher.seal(iv, this.#plain.subarray(0, this.#gathered));
    this.#gathered = 0;
    const bytes = this.encrypts === 'AES-GCM' ? sealed.length - TAG_BYTES : sealed.length;
    await this.#put(encodeBlockHeader(this.encrypts, sealed.subarray(bytes), iv, bytes));
    await this.#put(sealed.subarray(0, bytes));
  }

  async #put(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(this.#written, bytes);
    this.#written += bytes.length;
  }
}

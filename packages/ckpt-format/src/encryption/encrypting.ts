import type { ByteSink } from '@cairn/bytes';
import type { CipherMode } from './cipher-mode.ts';

/** A sink whose bytes reach the sink behind it encrypted. Takes ascending writes without gaps. */
export interface EncryptingSink extends ByteSink {
  readonly encrypts: CipherMode;
  /**
   * Writes what is left; nothing may be written after it.
   *
   * @returns the size of the encrypted file
   */
  finish(): Promise<{ readonly bytes: number }>;
}

/** Whether what a sink is given comes out encrypted. */
export function isEncrypting(sink: ByteSink): sink is EncryptingSink {
  return 'encrypts' in sink;
}

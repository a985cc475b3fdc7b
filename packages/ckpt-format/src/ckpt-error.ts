/**
 * What is wrong with a checkpoint file, or with what was to be written.
 *
 * | code | meaning | what helps |
 * |---|---|---|
 * | `truncated` | the file ends before what it announces | another copy of the file |
 * | `malformed` | the bytes are not of this format | another copy, or another format |
 * | `empty` | there is no entry | another file |
 * | `unknown-dtype` | an element type Cairn does not read | save it as another type |
 * | `size-mismatch` | content and shape disagree | another copy of the file |
 * | `duplicate` | one name twice | rename one of the two |
 * | `limit` | a length beyond a named limit | see the message |
 * | `encrypted` | a cipher block where an entry should be | open it through `decrypted` |
 * | `not-encrypted` | a key was given for a plain file | open it without the key |
 * | `wrong-key` | key or mode do not fit, or a block was changed | the right key, or another copy |
 * | `crc-mismatch` | the stored CRC is not that of the bytes (for callers of `verifyCrc` that must stop) | another copy |
 * | `unwritable` | the format cannot hold what was given | see the message |
 */
export type CkptErrorCode =
  | 'truncated'
  | 'malformed'
  | 'empty'
  | 'unknown-dtype'
  | 'size-mismatch'
  | 'duplicate'
  | 'limit'
  | 'encrypted'
  | 'not-encrypted'
  | 'wrong-key'
  | 'crc-mismatch'
  | 'unwritable';

/** Where it is wrong. */
export interface CkptErrorPlace {
  /** Byte offset in the file. */
  readonly byte?: number;
  /** Name of the entry. */
  readonly tensor?: string;
  readonly cause?: unknown;
}

/** The one error of this package; file names are added by whoever knows them. */
export class CkptError extends Error {
  override readonly name = 'CkptError';
  readonly code: CkptErrorCode;
  readonly byte: number | undefined;
  readonly tensor: string | undefined;

  constructor(code: CkptErrorCode, message: string, place: CkptErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    this.byte = place.byte;
    this.tensor = place.tensor;
  }
}

/** Whether something thrown is a {@link CkptError}. */
export function isCkptError(error: unknown): error is CkptError {
  return error instanceof CkptError;
}

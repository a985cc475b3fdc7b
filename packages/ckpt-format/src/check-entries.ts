import { elementBytes, elementCount } from '@cairn/bytes';
import { CkptError } from './ckpt-error.ts';
import type { EntrySpec, TensorSpec, TextToWrite } from './entry-to-write.ts';
import { MAX_AXES, MAX_ENTRIES, MAX_NAME_BYTES, MAX_TEXT_BYTES } from './limits.ts';
import { encodeUtf8, isWellFormed } from './utf8.ts';

const UTF32_BYTES = 4;

/**
 * Checks that entries can be written so that they are read back as they are: nothing is written before.
 *
 * @throws CkptError `empty`, `duplicate`, `limit`, `unwritable`
 */
export function checkEntries(entries: readonly EntrySpec[]): void {
  if (entries.length === 0) throw new CkptError('empty', 'no entries are given; no reader accepts a file without any');
  if (entries.length > MAX_ENTRIES) throw new CkptError('limit', `${entries.length} entries, more than ${MAX_ENTRIES}`);
  const names = new Set<string>();
  for (const entry of entries) {
    checkName(entry.name);
    if (names.has(entry.name)) {
      throw new CkptError('duplicate', `${entry.name} is given twice; rename one`, { tensor: entry.name });
    }
    names.add(entry.name);
    if (entry.kind === 'text') checkText(entry);
    else checkShape(entry);
  }
}

/** Bytes of a tensor's content. */
export function contentBytes({ dtype, shape }: TensorSpec): number {
  return elementCount(shape) * elementBytes(dtype);
}

function checkName(name: string): void {
  if (!isWellFormed(name)) throw unwritable(name, 'a name with half a surrogate pair has no UTF-8');
  if (encodeUtf8(name).length > MAX_NAME_BYTES) {
    const message = `the name ${name.slice(0, 40)}... is longer than ${MAX_NAME_BYTES} bytes`;
    throw new CkptError('limit', message, { tensor: name });
  }
}

function checkText({ name, text }: TextToWrite): void {
  if (!isWellFormed(text)) throw unwritable(name, 'a text with half a surrogate pair has no UTF-32');
  if (text.endsWith('\0')) throw unwritable(name, 'NUL at the end of a text is dropped by every reader');
  // As many code points as UTF-16 units at most.
  if (text.length * UTF32_BYTES > MAX_TEXT_BYTES) {
    throw new CkptError('limit', `text ${name} has more than ${MAX_TEXT_BYTES} stored bytes`, { tensor: name });
  }
}

function checkShape(tensor: TensorSpec): void {
  const { name, shape } = tensor;
  if (shape.length > MAX_AXES) throw unwritable(name, `${shape.length} axes, more than ${MAX_AXES}`);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) throw unwritable(name, `the shape [${shape}]`);
  if (!Number.isSafeInteger(contentBytes(tensor))) throw unwritable(name, `[${shape}] is larger than any file`);
}

function unwritable(tensor: string, why: string): CkptError {
  return new CkptError('unwritable', `${tensor} cannot be written: ${why}`, { tensor });
}

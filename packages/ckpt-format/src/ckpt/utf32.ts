import { CkptError } from '../ckpt-error.ts';

const CHAR_BYTES = 4;
const MAX_CODE_POINT = 0x10ffff;
/** Arguments of one call that every engine takes. */
const BATCH_CHARS = 4096;

/**
 * The text of a `str` entry: UTF-32LE, trailing NULs dropped as by MindSpore (mindspore-formats §1.3).
 *
 * @param byte  where the content begins, for messages
 * @throws CkptError `size-mismatch` when the bytes are no whole characters, `malformed` when one is no code point
 */
export function decodeUtf32(bytes: Uint8Array, name: string, byte: number): string {
  if (bytes.length % CHAR_BYTES !== 0) {
    const message = `text ${name} at byte ${byte} has ${bytes.length} bytes, no multiple of ${CHAR_BYTES}`;
    throw new CkptError('size-mismatch', `${message}: the file is damaged`, { byte, tensor: name });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let chars = bytes.length / CHAR_BYTES;
  while (chars > 0 && view.getUint32((chars - 1) * CHAR_BYTES, true) === 0) chars--;
  let text = '';
  for (let begin = 0; begin < chars; begin += BATCH_CHARS) {
    const batch: number[] = [];
    for (let i = begin; i < Math.min(begin + BATCH_CHARS, chars); i++) {
      const point = view.getUint32(i * CHAR_BYTES, true);
      if (point > MAX_CODE_POINT) {
        const at = byte + i * CHAR_BYTES;
        const message = `text ${name}: ${point} at byte ${at} is no character; the file is damaged`;
        throw new CkptError('malformed', message, { byte: at, tensor: name });
      }
      batch.push(point);
    }
    text += String.fromCodePoint(...batch);
  }
  return text;
}

/** The content of a `str` entry; the empty text is stored as one NUL. */
export function encodeUtf32(text: string): Uint8Array<ArrayBuffer> {
  const points = text === '' ? [0] : Array.from(text, (char) => char.codePointAt(0) ?? 0);
  const bytes = new Uint8Array(points.length * CHAR_BYTES);
  const view = new DataView(bytes.buffer);
  points.forEach((point, i) => view.setUint32(i * CHAR_BYTES, point, true));
  return bytes;
}

import type { ElementType } from '@cairn/bytes';
import { elementBytes, elementCount } from '@cairn/bytes';
import type { TensorEntry } from '../checkpoint-index.ts';
import { CkptError } from '../ckpt-error.ts';
import { MAX_AXES, MAX_ENTRIES } from '../limits.ts';
import { isWellFormed } from '../utf8.ts';
import { INT4_MARK, typeOf } from './dtype.ts';
import { JsonText } from './json-text.ts';

/** The key that holds metadata instead of a tensor. */
export const METADATA_KEY = '__metadata__';

/** What a header says, before it is compared with the data. */
export interface Header {
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of the text; ranges fit shapes. */
  readonly tensors: readonly PlacedTensor[];
}

/** A tensor and its range in the file; an empty range has a place too. */
export interface PlacedTensor {
  readonly entry: TensorEntry;
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads the JSON of a safetensors header.
 *
 * @param byte      where the text begins in the file
 * @param dataBegin where the data begins in the file
 * @throws CkptError `malformed`, `duplicate`, `unknown-dtype`, `size-mismatch`, `limit`
 */
export function readHeader(text: string, byte: number, dataBegin: number): Header {
  const json = new JsonText(text, byte);
  const metadata = new Map<string, string>();
  const infos = new Map<string, TensorInfo>();
  json.object((key) => {
    if (key === METADATA_KEY) {
      json.object((name) => metadata.set(name, json.string()));
    } else if (infos.size === MAX_ENTRIES) {
      throw new CkptError('limit', `more than ${MAX_ENTRIES} tensors in one file`, { byte });
    } else {
      infos.set(key, readInfo(json, key, byte));
    }
  });
  json.end();
  const tensors = Array.from(infos, ([name, info]) => placedTensor(name, info, metadata.get(name), dataBegin));
  return { metadata, tensors };
}

interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Relative to the data. */
  readonly begin: number;
  readonly end: number;
}

function readInfo(json: JsonText, name: string, byte: number): TensorInfo {
  let dtype: string | undefined;
  let shape: readonly number[] | undefined;
  let offsets: readonly number[] = [];
  json.object((key) => {
    if (key === 'dtype') dtype = json.string();
    else if (key === 'shape') shape = json.integers(MAX_AXES);
    else if (key === 'data_offsets') offsets = json.integers(2);
    else json.skip();
  });
  const [begin, end] = offsets;
  if (!isWellFormed(name) || dtype === undefined || shape === undefined || end === undefined || begin === undefined) {
    const message = `tensor ${JSON.stringify(name)} lacks dtype, shape or data_offsets, or has no proper name`;
    throw new CkptError('malformed', `${message}; the file is damaged`, { byte, tensor: name });
  }
  return { dtype, shape, begin, end };
}

function placedTensor(name: string, info: TensorInfo, mark: string | undefined, dataBegin: number): PlacedTensor {
  const { shape } = info;
  const begin = dataBegin + info.begin;
  const end = dataBegin + info.end;
  const place = { byte: begin, tensor: name };
  const stored = typeOf(info.dtype);
  if (stored === undefined) {
    const message = `${name} has the type ${JSON.stringify(info.dtype)}, which is not read; save it as another type`;
    throw new CkptError('unknown-dtype', message, place);
  }
  const dtype: ElementType = stored === 'Int8' && mark === INT4_MARK ? 'Int4' : stored;
  const bytes = elementCount(shape) * elementBytes(dtype);
  if (end - begin !== bytes) {
    const message = `${name} is ${dtype}[${shape}] of ${bytes} bytes, but its range is ${begin} to ${end}`;
    throw new CkptError('size-mismatch', `${message}; the file is damaged: use another copy`, place);
  }
  const chunks = bytes === 0 ? [] : [{ offset: begin, bytes }];
  return { entry: { kind: 'tensor', name, dtype, shape, chunks, bytes, storedAs: dtype }, begin, end };
}

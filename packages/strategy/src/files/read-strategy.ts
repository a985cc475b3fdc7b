import { StrategyError } from '../strategy-error.ts';
import { readJson } from './read-json.ts';
import { readProtobuf } from './read-protobuf.ts';
import type { StrategyFile, StrategyFormat } from './strategy-file.ts';
import { MAX_STRATEGY_BYTES } from './strategy-file.ts';
import { writeJson } from './write-json.ts';
import { writeProtobuf } from './write-protobuf.ts';

/** The form of a file's bytes, told by the first that is no white space: no protobuf message begins with a brace. */
export function strategyFormat(bytes: Uint8Array): StrategyFormat {
  const first = bytes.find((byte) => !WHITE_SPACE.has(byte));
  return first === BRACE ? 'json' : 'protobuf';
}

const BRACE = 0x7b;
const WHITE_SPACE: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);

/**
 * Reads a strategy file in either form, whatever it is called.
 *
 * @throws StrategyError `empty` without any layout, `truncated`, `malformed`, `limit`
 */
export function readStrategy(bytes: Uint8Array): StrategyFile {
  if (bytes.length > MAX_STRATEGY_BYTES)
    throw new StrategyError('limit', `${bytes.length} bytes are more than a strategy file has (${MAX_STRATEGY_BYTES})`);
  if (bytes.length === 0) throw new StrategyError('empty', 'the file has no bytes');
  const file = strategyFormat(bytes) === 'json' ? readJson(bytes) : readProtobuf(bytes);
  if (file.layouts.length === 0) throw new StrategyError('empty', 'there is no layout of a parameter in the file');
  return file;
}

/** Writes a strategy file. */
export function writeStrategy(file: StrategyFile, format: StrategyFormat): Uint8Array {
  return format === 'json' ? writeJson(file) : writeProtobuf(file);
}

import type { Layout } from '../layout.ts';
import { WIRE_BYTES, WIRE_VARINT } from './protobuf.ts';
import type { NamedLayout, OperatorStrategy, StrategyFile } from './strategy-file.ts';

/** Writes the protobuf form, fields and items in the order in which MindSpore writes them (docs/formats/strategy.md). */
export function writeProtobuf(file: StrategyFile): Uint8Array {
  const parts = [
    varintField(1, file.currentStage),
    ...file.operators.map((operator) => bytesField(2, operatorMessage(operator))),
    ...file.layouts.map((layout) => bytesField(3, layoutMessage(layout))),
  ];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function operatorMessage({ node, stage, inputs }: OperatorStrategy): number[] {
  const strategies = [...varintField(1, stage), ...inputs.flatMap((input) => dimsField(2, input))];
  return [...textField(1, node), ...bytesField(2, strategies)];
}

function layoutMessage({ name, layout, field, splitShape, indicesOffset }: NamedLayout): number[] {
  return [
    ...textField(1, name),
    ...bytesField(2, [
      ...dimsField(1, layout.deviceMatrix),
      ...mapsOf(layout).flatMap((map) => dimsField(2, map)),
      ...dimsField(3, splitShape),
      ...dimsField(4, indicesOffset),
      ...varintField(5, field),
      ...varintField(6, layout.optimizerShardStep),
      ...varintField(7, layout.optimizerShardSize),
    ]),
  ];
}

/** One map by axis; of nested ones a map an axis, and an empty one behind a single axis so that there are several. */
function mapsOf({ tensorMap }: Layout): readonly (readonly number[])[] {
  if (tensorMap.every((entry) => typeof entry === 'number')) return [tensorMap];
  const maps = tensorMap.map((entry) => [entry].flat());
  return maps.length === 1 ? [...maps, []] : maps;
}

function dimsField(number: number, dims: readonly number[]): number[] {
  return bytesField(
    number,
    dims.flatMap((dim) => varintField(1, dim)),
  );
}

function textField(number: number, text: string): number[] {
  return bytesField(number, [...new TextEncoder().encode(text)]);
}

function bytesField(number: number, content: readonly number[]): number[] {
  return [...varint(number * 8 + WIRE_BYTES), ...varint(content.length), ...content];
}

function varintField(number: number, value: number): number[] {
  return [...varint(number * 8 + WIRE_VARINT), ...varint(value)];
}

/** Negative numbers take ten bytes, as 64-bit ones. */
function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

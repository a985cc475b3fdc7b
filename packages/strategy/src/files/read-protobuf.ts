import type { Layout } from '../layout.ts';
import { StrategyError } from '../strategy-error.ts';
import type { Field, Message } from './protobuf.ts';
import { fieldsOf, malformed, messageIn, numberOf, numbersOf, textOf } from './protobuf.ts';
import type { NamedLayout, OperatorStrategy, StrategyFile } from './strategy-file.ts';

/**
 * Reads the protobuf form (docs/formats/strategy.md).
 *
 * @throws StrategyError `truncated`, `malformed`
 */
export function readProtobuf(bytes: Uint8Array): StrategyFile {
  let currentStage: number | null = null;
  const operators: OperatorStrategy[] = [];
  const layouts: NamedLayout[] = [];
  for (const field of fieldsOf({ bytes, begin: 0, end: bytes.length })) {
    if (field.number === 1) currentStage = numberOf(field);
    if (field.number === 2) operators.push(operatorIn(messageIn(field)));
    if (field.number === 3) layouts.push(namedLayoutIn(messageIn(field)));
  }
  if (currentStage === null)
    throw new StrategyError('malformed', 'there is no current_stage: this is no strategy file', { byte: 0 });
  return { currentStage, operators, layouts };
}

function operatorIn(message: Message): OperatorStrategy {
  let node: string | null = null;
  let stage = 0;
  const inputs: number[][] = [];
  for (const field of fieldsOf(message)) {
    if (field.number === 1) node = textOf(field);
    if (field.number !== 2) continue;
    for (const part of fieldsOf(messageIn(field))) {
      if (part.number === 1) stage = numberOf(part);
      if (part.number === 2) inputs.push(dims(part));
    }
  }
  if (node === null) throw malformed(message.begin, 'an operator without a name');
  return { node, stage, inputs };
}

function namedLayoutIn(message: Message): NamedLayout {
  let name: string | null = null;
  let rest: Omit<NamedLayout, 'name'> | null = null;
  for (const field of fieldsOf(message)) {
    if (field.number === 1) name = textOf(field);
    if (field.number === 2) rest = layoutIn(messageIn(field));
  }
  if (name === null) throw malformed(message.begin, 'a layout without a name');
  if (rest === null) throw malformed(message.begin, `${name} without a layout`);
  return { name, ...rest };
}

function layoutIn(message: Message): Omit<NamedLayout, 'name'> {
  const lists = new Map<number, number[][]>();
  const numbers = new Map<number, number>();
  for (const field of fieldsOf(message)) {
    if (field.number > 4) numbers.set(field.number, numberOf(field));
    else if (lists.has(field.number)) lists.get(field.number)?.push(dims(field));
    else lists.set(field.number, [dims(field)]);
  }
  const deviceMatrix = lists.get(1)?.[0];
  const maps = lists.get(2);
  if (deviceMatrix === undefined || maps === undefined)
    throw malformed(message.begin, 'a layout without a device matrix or tensor map');
  const layout: Layout = {
    deviceMatrix,
    tensorMap: tensorMapOf(maps),
    optimizerShardStep: numbers.get(6) ?? 0,
    optimizerShardSize: numbers.get(7) ?? 0,
  };
  const [splitShape = [], indicesOffset = []] = [lists.get(3)?.[0], lists.get(4)?.[0]];
  return { layout, shape: null, field: numbers.get(5) ?? 0, splitShape, indicesOffset };
}

/** One message is a map by axis; several are one an axis, each with its device dimensions, empty ones not counting. */
function tensorMapOf(maps: readonly (readonly number[])[]): Layout['tensorMap'] {
  if (maps.length === 1) return maps[0]!;
  return maps.filter(({ length }) => length > 0);
}

function dims(field: Field): number[] {
  const numbers: number[] = [];
  for (const part of fieldsOf(messageIn(field))) if (part.number === 1) numbers.push(...numbersOf(part));
  return numbers;
}

import { StrategyError } from '../strategy-error.ts';

/** Wire types of protobuf that occur; groups (3, 4) do not. */
export const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
/** Wire type of what has a length in front. */
export const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

/** A varint holds 64 bits, seven a byte. */
const MAX_VARINT_BYTES = 10;

/** Part of the file: fields one after another. */
export interface Message {
  readonly bytes: Uint8Array;
  readonly begin: number;
  readonly end: number;
}

/** One field of a message. */
export interface Field extends Message {
  readonly number: number;
  readonly wire: number;
  /** Offset of the field's first byte. */
  readonly at: number;
}

/**
 * Goes through the fields of a message.
 *
 * @throws StrategyError `truncated` when a field passes the end of the file, `malformed` when it passes that of its message
 */
export function* fieldsOf(message: Message): Generator<Field> {
  const { bytes } = message;
  let at = message.begin;
  while (at < message.end) {
    const key = varint(message, at);
    const [number, wire] = [Math.floor(key.value / 8), key.value % 8];
    const { begin, end } = payload(message, { number, wire, at, begin: key.end });
    if (end > message.end) throw passesEnd(message, at, end);
    yield { bytes, number, wire, at, begin, end };
    at = end;
  }
}

function payload(
  message: Message,
  { number, wire, at, begin }: { number: number; wire: number; at: number; begin: number },
): { readonly begin: number; readonly end: number } {
  if (number < 1) throw malformed(at, `a field numbered ${number}`);
  switch (wire) {
    case WIRE_VARINT:
      return { begin, end: varint(message, begin).end };
    case WIRE_FIXED64:
      return { begin, end: begin + 8 };
    case WIRE_FIXED32:
      return { begin, end: begin + 4 };
    case WIRE_BYTES: {
      const length = varint(message, begin);
      return { begin: length.end, end: length.end + length.value };
    }
    default:
      throw malformed(at, `wire type ${wire}`);
  }
}

/** The number of a field, negative ones too (ten bytes). */
export function numberOf(field: Field): number {
  if (field.wire !== WIRE_VARINT) throw malformed(field.at, `field ${field.number} with wire type ${field.wire}`);
  return signed(field, field.begin).value;
}

/** The numbers of a repeated field, one a field or packed into one. */
export function numbersOf(field: Field): number[] {
  if (field.wire === WIRE_VARINT) return [numberOf(field)];
  if (field.wire !== WIRE_BYTES) throw malformed(field.at, `field ${field.number} with wire type ${field.wire}`);
  const numbers: number[] = [];
  for (let at = field.begin; at < field.end;) {
    const { value, end } = signed(field, at);
    numbers.push(value);
    at = end;
  }
  return numbers;
}

/** The message inside a field. */
export function messageIn(field: Field): Message {
  if (field.wire !== WIRE_BYTES) throw malformed(field.at, `field ${field.number} with wire type ${field.wire}`);
  return field;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a field. */
export function textOf(field: Field): string {
  const { bytes, begin, end } = messageIn(field);
  try {
    return decoder.decode(bytes.subarray(begin, end));
  } catch (error) {
    throw malformed(begin, 'a name that is no UTF-8', error);
  }
}

/** Something at a byte is not of a strategy file. */
export function malformed(byte: number, what: string, cause?: unknown): StrategyError {
  const message = `byte ${byte}: ${what} is not of a strategy file; it is damaged, or another kind of file`;
  return new StrategyError('malformed', message, { byte, cause });
}

interface Varint {
  readonly value: number;
  readonly end: number;
}

/** An unsigned varint; beyond 2^53 it is rounded, which no length reaches. */
function varint(message: Message, at: number): Varint {
  let value = 0;
  let place = 1;
  for (let i = at; i < at + MAX_VARINT_BYTES; i++) {
    if (i >= message.end) throw passesEnd(message, at, i + 1);
    const byte = message.bytes[i]!;
    value += (byte & 127) * place;
    if (byte < 128) return { value, end: i + 1 };
    place *= 128;
  }
  throw malformed(at, `a number of more than ${MAX_VARINT_BYTES} bytes`);
}

function signed(message: Message, at: number): Varint {
  const { value, end } = varint(message, at);
  if (end - at < MAX_VARINT_BYTES) return { value, end };
  let bits = 0n;
  for (let i = end - 1; i >= at; i--) bits = bits * 128n + BigInt(message.bytes[i]! & 127);
  return { value: Number(BigInt.asIntN(64, bits)), end };
}

function passesEnd({ bytes, end }: Message, at: number, wanted: number): StrategyError {
  const message = `the field at byte ${at} reaches to byte ${wanted}`;
  return end === bytes.length
    ? new StrategyError('truncated', `${message}, the file ends at ${end}: it was cut, or is of another kind`, {
        byte: at,
      })
    : new StrategyError('malformed', `${message}, its message ends at ${end}: the file is damaged`, { byte: at });
}

import type { ByteWindow } from '../byte-window.ts';
import { CkptError } from '../ckpt-error.ts';
import { MAX_FIELDS } from '../limits.ts';
import type { Steps } from '../steps.ts';

/** Wire types of protobuf; groups (3, 4) are not taken. */
export const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
/** Wire type of what has a length in front. */
export const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

/** A varint holds 64 bits, seven a byte. */
export const MAX_VARINT_BYTES = 10;
const MAX_FIELD_NUMBER = 2 ** 29 - 1;

/** Bytes that are fields one after another. */
export interface Message {
  readonly begin: number;
  readonly end: number;
  /** For messages to people, and to tell a cut file from a damaged one. */
  readonly name: 'file' | 'entry';
  readonly maxFields: number;
}

/** One field of a message, payload not looked at. */
export interface Field {
  readonly number: number;
  readonly wire: number;
  /** Offset of the field's first byte. */
  readonly at: number;
  /** Payload range: the bytes after the length, or those of the number. */
  readonly begin: number;
  readonly end: number;
}

/** The message inside a length-delimited field. */
export function messageIn({ begin, end }: Field): Message {
  return { begin, end, name: 'entry', maxFields: MAX_FIELDS };
}

/** Goes through the fields of a message; what is inside a field is not looked at. */
export class FieldWalk {
  readonly #window: ByteWindow;
  readonly #message: Message;
  #at: number;
  #fields = 0;

  constructor(window: ByteWindow, message: Message) {
    this.#window = window;
    this.#message = message;
    this.#at = message.begin;
  }

  /** Where the next field begins. */
  get at(): number {
    return this.#at;
  }

  /**
   * The next field; undefined at the end.
   *
   * @throws CkptError `truncated` when it passes the end of the file, `malformed` when it passes that of an entry,
   *         `limit` when there are too many
   */
  *next(): Steps<Field | undefined> {
    const { end, maxFields, name } = this.#message;
    if (this.#at >= end) return undefined;
    this.#fields += 1;
    if (this.#fields > maxFields) {
      const message = `byte ${this.#at}: more than ${maxFields} fields in one ${name}; it is damaged or no .ckpt`;
      throw new CkptError('limit', message, { byte: this.#at });
    }
    yield* this.#window.reach(this.#at, Math.min(2 * MAX_VARINT_BYTES, end - this.#at));
    const field = fieldAt(this.#window, this.#at, this.#message);
    this.#at = field.end;
    return field;
  }
}

function fieldAt(window: ByteWindow, at: number, message: Message): Field {
  const key = varintAt(window, at, message);
  const number = Math.floor(key.value / 8);
  const wire = key.value % 8;
  if (number === 0 || number > MAX_FIELD_NUMBER) throw malformed(at, `field number ${number}`);
  const field = (begin: number, length: number): Field => {
    if (length > message.end - begin) throw passesEnd(at, message, begin + length);
    return { number, wire, at, begin, end: begin + length };
  };
  switch (wire) {
    case WIRE_VARINT:
      return field(key.end, varintAt(window, key.end, message).end - key.end);
    case WIRE_FIXED64:
      return field(key.end, 8);
    case WIRE_FIXED32:
      return field(key.end, 4);
    case WIRE_BYTES: {
      const length = varintAt(window, key.end, message);
      return field(length.end, length.value);
    }
    default:
      throw malformed(at, `wire type ${wire}`);
  }
}

/** A number and where the next byte is. Beyond 2^53 it is rounded: no length and no axis is that large. */
export interface Varint {
  readonly value: number;
  readonly end: number;
}

/** The varint at `at`, which the window has reached. */
export function varintAt(window: ByteWindow, at: number, message: Message): Varint {
  let value = 0;
  let place = 1;
  for (let i = at; i < at + MAX_VARINT_BYTES; i++) {
    if (i >= message.end) throw passesEnd(at, message, i + 1);
    const byte = window.byteAt(i);
    value += (byte & 127) * place;
    if (byte < 128) return { value, end: i + 1 };
    place *= 128;
  }
  throw malformed(at, `a number of more than ${MAX_VARINT_BYTES} bytes`);
}

/** Checks that a known field has the wire type of its declaration. */
export function expectWire(field: Field, wire: number): Field {
  if (field.wire !== wire) throw malformed(field.at, `field ${field.number} with wire type ${field.wire}`);
  return field;
}

function malformed(byte: number, what: string): CkptError {
  const message = `byte ${byte}: ${what} is not of a checkpoint; the file is damaged or no .ckpt`;
  return new CkptError('malformed', message, { byte });
}

function passesEnd(byte: number, { name, end }: Message, wanted: number): CkptError {
  const message = `the field at byte ${byte} reaches to byte ${wanted}, the ${name} ends at ${end}`;
  return name === 'file'
    ? new CkptError('truncated', `${message}: the file was cut`, { byte })
    : new CkptError('malformed', `${message}: the file is damaged`, { byte });
}

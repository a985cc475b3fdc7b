/** What travels over a connection between two processes. */
export type Frame =
  /** A message with its bytes. */
  | { readonly type: 'inline'; readonly channel: string; readonly bytes: Uint8Array }
  /** A message whose bytes lie in the shared file of the sender. */
  | {
      readonly type: 'shared';
      readonly channel: string;
      /** The slot to release. */
      readonly slotByte: number;
      readonly beginByte: number;
      readonly bytes: number;
    }
  /** The receiver has read what it wanted of a slot. */
  | { readonly type: 'release'; readonly slotByte: number }
  /** Nothing more comes. */
  | { readonly type: 'leave'; readonly bytes: Uint8Array };

/*
 * A frame: type (u8), length of the channel (u16, at 2), length of the message (f64, at 8), slot (f64, at 16), begin
 * (f64, at 24), little-endian; then the channel in UTF-8, then the message when it is inline.
 */
const HEADER_BYTES = 32;
const TYPES = ['inline', 'shared', 'release', 'leave'] as const;

/** A frame, but for the message, which may be large: it is written behind. */
export function encodeFrameHead(frame: Frame): Uint8Array {
  const channel = new TextEncoder().encode('channel' in frame ? frame.channel : '');
  const head = new Uint8Array(HEADER_BYTES + channel.length);
  const view = new DataView(head.buffer);
  view.setUint8(0, TYPES.indexOf(frame.type));
  view.setUint16(2, channel.length, true);
  if ('bytes' in frame) view.setFloat64(8, typeof frame.bytes === 'number' ? frame.bytes : frame.bytes.length, true);
  if ('slotByte' in frame) view.setFloat64(16, frame.slotByte, true);
  if (frame.type === 'shared') view.setFloat64(24, frame.beginByte, true);
  head.set(channel, HEADER_BYTES);
  return head;
}

/** Puts frames together from the pieces they arrive in. */
export class FrameReader {
  /** Most bytes of an inline message. */
  limitBytes: number;
  readonly #onFrame: (frame: Frame) => void;
  #part: 'head' | 'channel' | 'message' = 'head';
  #head = new DataView(new ArrayBuffer(HEADER_BYTES));
  #channel = '';
  #target = new Uint8Array(this.#head.buffer);
  #filled = 0;

  constructor(limitBytes: number, onFrame: (frame: Frame) => void) {
    this.limitBytes = limitBytes;
    this.#onFrame = onFrame;
  }

  /** @throws RangeError when it is no frame, or too long */
  feed(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length) {
      const taken = Math.min(piece.length - at, this.#target.length - this.#filled);
      this.#target.set(piece.subarray(at, at + taken), this.#filled);
      at += taken;
      this.#filled += taken;
      while (this.#filled === this.#target.length) this.#next();
    }
  }

  /** A part is whole. */
  #next(): void {
    switch (this.#part) {
      case 'head':
        return this.#expect('channel', this.#head.getUint16(2, true));
      case 'channel':
        this.#channel = new TextDecoder().decode(this.#target);
        return this.#expect('message', this.#messageBytes());
      case 'message': {
        const frame = this.#frame(this.#target);
        this.#expect('head', 0);
        this.#onFrame(frame);
      }
    }
  }

  #expect(part: 'head' | 'channel' | 'message', bytes: number): void {
    this.#part = part;
    if (part === 'head') this.#head = new DataView(new ArrayBuffer(HEADER_BYTES));
    this.#target = part === 'head' ? new Uint8Array(this.#head.buffer) : new Uint8Array(bytes);
    this.#filled = 0;
  }

  #messageBytes(): number {
    const type = TYPES[this.#head.getUint8(0)];
    if (type === undefined) throw new RangeError('what came is no frame');
    if (type !== 'inline' && type !== 'leave') return 0;
    const bytes = this.#head.getFloat64(8, true);
    if (Number.isInteger(bytes) && bytes >= 0 && bytes <= this.limitBytes) return bytes;
    throw new RangeError(`a message of ${bytes} bytes is longer than the ${this.limitBytes} allowed`);
  }

  #frame(message: Uint8Array): Frame {
    const channel = this.#channel;
    const slotByte = this.#head.getFloat64(16, true);
    switch (TYPES[this.#head.getUint8(0)]) {
      case 'shared':
        return {
          type: 'shared',
          channel,
          slotByte,
          beginByte: this.#head.getFloat64(24, true),
          bytes: this.#head.getFloat64(8, true),
        };
      case 'release':
        return { type: 'release', slotByte };
      case 'leave':
        return { type: 'leave', bytes: message };
      default:
        return { type: 'inline', channel, bytes: message };
    }
  }
}

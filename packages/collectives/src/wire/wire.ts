import type { Socket } from 'node:net';
import type { Frame } from './frame.ts';
import { encodeFrameHead, FrameReader } from './frame.ts';

/** Most bytes of a message before the other side has shown who it is. */
const STRANGER_BYTES = 2 ** 20;
/** Most bytes of a message. */
const FRIEND_BYTES = 2 ** 32;
/** Milliseconds the other side has to take what was written, once this one has closed. */
const CLOSE_MS = 2000;
/** The same when something went wrong: the other side may be what does not answer. */
const LOST_CLOSE_MS = 200;

/** A connection that carries frames. */
export class Wire {
  /** Takes each frame; to be set before the first can come, that is at once. */
  onFrame: (frame: Frame) => void = () => undefined;
  /** Told once, when nothing more comes. */
  onEnd: (why: string) => void = () => undefined;
  readonly #socket: Socket;
  readonly #reader: FrameReader;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = new FrameReader(STRANGER_BYTES, (frame) => this.onFrame(frame));
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    let why = 'its connection was closed';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') why = error.message;
    });
    socket.on('data', (piece: Buffer) => {
      try {
        this.#reader.feed(piece);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        why = error.message;
        socket.destroy();
      }
    });
    socket.once('close', () => this.onEnd(why));
  }

  /** From now on messages may be of any length. */
  trust(): void {
    this.#reader.limitBytes = FRIEND_BYTES;
  }

  /** Sends a frame; its bytes must not be changed afterwards. What the other side does not take is kept in memory. */
  send(frame: Frame): void {
    if (!this.#socket.writable) return;
    const message = 'bytes' in frame && typeof frame.bytes !== 'number' ? frame.bytes : new Uint8Array(0);
    this.#socket.cork();
    this.#socket.write(encodeFrameHead(frame));
    if (message.length > 0) this.#socket.write(message);
    this.#socket.uncork();
  }

  /**
   * Sends what is still to be sent, then closes.
   *
   * @param isLost whether the other side may not answer any more
   */
  async close(isLost = false): Promise<void> {
    if (this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => this.#socket.destroy(), isLost ? LOST_CLOSE_MS : CLOSE_MS);
      this.#socket.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      this.#socket.end();
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

import type { ByteSource } from '@cairn/bytes';
import { ByteWindow } from '../byte-window.ts';
import type { CheckpointEntry, CheckpointIndex } from '../checkpoint-index.ts';
import { CkptError } from '../ckpt-error.ts';
import { cipherModeOf } from '../encryption/cipher-mode.ts';
import { MAX_ENTRIES } from '../limits.ts';
import { metadataOf } from '../metadata.ts';
import type { Steps } from '../steps.ts';
import { beginsTrailer, readTrailer, TRAILER_BYTES } from './crc-trailer.ts';
import { joinFrames } from './join-frames.ts';
import { expectWire, FieldWalk, WIRE_BYTES } from './protobuf.ts';
import type { Frame } from './read-frame.ts';
import { readFrame } from './read-frame.ts';

/** The only field of Checkpoint: one entry (docs/formats/ckpt.md). */
const CHECKPOINT_VALUE = 1;

/** Walks the entries of a `.ckpt`; contents of tensors are passed over. */
export function* indexCkpt(source: ByteSource): Steps<CheckpointIndex> {
  const { crc, dataEnd } = yield* readTrailer(source);
  const window = new ByteWindow(source, dataEnd);
  yield* refuseCipher(window);
  return { ...(yield* indexFrom(source, window, 0)), crc };
}

/** The entries from the byte `begin` on, where one begins, to the end of the window's reach. */
export function* indexFrom(source: ByteSource, window: ByteWindow, begin: number): Steps<CheckpointIndex> {
  const dataEnd = window.end;
  const entries = new EntryList();
  const walk = new FieldWalk(window, { begin, end: dataEnd, name: 'file', maxFields: MAX_ENTRIES });
  while (walk.at < dataEnd) {
    if (dataEnd - walk.at < TRAILER_BYTES) yield* refuseCutTrailer(window, walk.at);
    const field = yield* walk.next();
    if (field?.number === CHECKPOINT_VALUE) entries.add(yield* readFrame(window, expectWire(field, WIRE_BYTES)));
  }
  const found = entries.finish();
  if (found.length === 0) throw new CkptError('empty', `the file of ${source.size} bytes holds no entry`);
  const repeatedNames = [...entries.repeated];
  const common = { format: 'ckpt', metadata: metadataOf([]), crc: null } as const;
  return { ...common, entries: found, bytes: source.size, dataEnd, repeatedNames };
}

function* refuseCipher(window: ByteWindow): Steps<void> {
  const mode = cipherModeOf(yield* window.bytes(0, Math.min(4, window.end)));
  if (mode === undefined) return;
  throw new CkptError('encrypted', `the file is encrypted with ${mode}: pass the key and the mode`, { byte: 0 });
}

function* refuseCutTrailer(window: ByteWindow, at: number): Steps<void> {
  const rest = window.end - at;
  if (!beginsTrailer(yield* window.bytes(at, rest))) return;
  const message = `byte ${at}: ${rest} of the ${TRAILER_BYTES} bytes of the CRC trailer are there: the file was cut`;
  throw new CkptError('truncated', message, { byte: at });
}

/** Gathers frames to entries: neighbours of one name are joined, a later one of the name replaces (mindspore-formats §1.4). */
class EntryList {
  readonly repeated: Set<string> = new Set();
  readonly #entries: Map<string, CheckpointEntry> = new Map();
  #pending: Frame[] = [];

  add(frame: Frame): void {
    if (this.#pending[0]?.name !== frame.name) this.#flush();
    this.#pending.push(frame);
  }

  finish(): CheckpointEntry[] {
    this.#flush();
    return [...this.#entries.values()];
  }

  #flush(): void {
    const [first, ...more] = this.#pending;
    if (first === undefined) return;
    const { entry, repeated } = joinFrames(first, more);
    if (repeated || this.#entries.has(entry.name)) this.repeated.add(entry.name);
    this.#entries.set(entry.name, entry);
    this.#pending = [];
  }
}

import type { ReadableCheckpoint } from '../rank/checkpoint-file.ts';
import type { CheckpointReading, CheckpointStart } from '../rank/checkpoint-reading.ts';
import { startFiles } from '../rank/checkpoint-reading.ts';
import type { ReadProgress, StagedCheckpoint } from '../rank/read-tensors.ts';
import type { SealSettings } from '../rank/sealed-files.ts';
import { CheckpointThread } from './checkpoint-thread.ts';

/** Begins to read checkpoints on a thread of their own; this one may compile meanwhile (`load_ckpt_async`). */
export function readInBackground(start: CheckpointStart, seal: SealSettings | null): CheckpointReading {
  const resumes = start.kind === 'resume';
  const beganMs = performance.now();
  const thread = new CheckpointThread();
  const arrivals = new Arrivals();
  const read = thread.ask('read', { files: startFiles(start), seal, resumes }, (progress) => arrivals.take(progress));
  read.then(
    () => arrivals.end(new RangeError('a tensor was not read')),
    (error: unknown) => arrivals.end(error),
  );
  return {
    resumes,
    async ready() {
      const checkpoints = await arrivals.opened();
      return { checkpoints: checkpoints.map((each) => arriving(each, arrivals)), beganMs };
    },
    close: () => thread.close(),
  };
}

/** A staged checkpoint, whose tensors can be had as they arrive. */
function arriving({ file, index, buffer, places }: StagedCheckpoint, arrivals: Arrivals): ReadableCheckpoint {
  return {
    file,
    index,
    async content({ name, bytes }) {
      await arrivals.of(file, name);
      return new Uint8Array(buffer, places.get(name) ?? 0, bytes);
    },
  };
}

/** What has arrived, for those who wait for it. */
class Arrivals {
  #checkpoints: readonly StagedCheckpoint[] | null = null;
  readonly #tensors = new Set<string>();
  #ended: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  take(progress: ReadProgress): void {
    if (progress.kind === 'opened') this.#checkpoints = progress.checkpoints;
    else this.#tensors.add(`${progress.file}\n${progress.name}`);
    this.#wake?.();
  }

  /** Nothing more will arrive; who waits for something gets the error. */
  end(error: unknown): void {
    this.#ended = { error };
    this.#wake?.();
  }

  async opened(): Promise<readonly StagedCheckpoint[]> {
    while (this.#checkpoints === null) await this.#news();
    return this.#checkpoints;
  }

  async of(file: string, name: string): Promise<void> {
    while (!this.#tensors.has(`${file}\n${name}`)) await this.#news();
  }

  /** Only one waits at a time: tensors are loaded one after another. */
  async #news(): Promise<void> {
    if (this.#ended !== null) throw this.#ended.error;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

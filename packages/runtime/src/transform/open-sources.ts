import type { OpenSource } from '@cairn/bytes';
import { openFile } from '@cairn/storage';
import type { PlannedSource } from '@cairn/transform';
import { checkStamp } from './file-stamp.ts';

/** Files kept open at most: processes may often open 1,024. */
const MAX_OPEN = 256;

/** The source files of a plan, opened when they are read and checked to be what was planned with. */
export class OpenSources {
  readonly #sources: readonly PlannedSource[];
  /** The one used last stands last. */
  readonly #open = new Map<number, OpenSource>();
  readonly #used = new Set<number>();

  constructor(sources: readonly PlannedSource[]) {
    this.#sources = sources;
  }

  /** @throws TransformError `source-changed`, StorageError */
  readonly open = (source: number): OpenSource => {
    const known = this.#open.get(source);
    if (known !== undefined) return this.#keep(source, known);
    const { path, stamp } = this.#sources[source]!;
    if (this.#open.size >= MAX_OPEN) this.#close(this.#open.keys().next().value!);
    checkStamp(path, stamp);
    const file = openFile(path);
    this.#used.add(source);
    return this.#keep(source, file);
  };

  /** Whether what has been read is still what was planned with. @throws TransformError `source-changed` */
  check(): void {
    for (const source of this.#used) checkStamp(this.#sources[source]!.path, this.#sources[source]!.stamp);
  }

  close(): void {
    for (const source of this.#open.keys()) this.#close(source);
  }

  #keep(source: number, file: OpenSource): OpenSource {
    // Put last only where the order matters: this is asked for every piece that is read.
    if (this.#sources.length > MAX_OPEN) this.#open.delete(source);
    this.#open.set(source, file);
    return file;
  }

  #close(source: number): void {
    void this.#open.get(source)?.close();
    this.#open.delete(source);
  }
}

import type { Workspace } from '@cairn/transform';
import { writeFile } from './write-file.ts';
import type { FileOrder, FileResult } from './write-file.ts';

/** Files that may be on their way to the medium while the next is written: Node has four threads that wait for it. */
const MAX_UNDER_WAY = 2;

/** Writes files one after another, while those before go to the medium. */
export class FileWriter {
  readonly #workspace: Workspace;
  readonly #onBytes: (bytes: number) => void;
  /** None of them rejects. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];

  /** @param onBytes told how many more bytes have been written; what it throws ends the writing */
  constructor(workspace: Workspace, onBytes: (bytes: number) => void) {
    this.#workspace = workspace;
    this.#onBytes = onBytes;
  }

  /**
   * Writes a file, and waits while too many are on their way.
   *
   * @throws TransformError `source-changed`; StorageError, also that of a file before
   */
  async write(order: FileOrder): Promise<FileResult> {
    const { result, published } = await writeFile(order, { workspace: this.#workspace, onBytes: this.#onBytes });
    const settled: Promise<void> = published
      .catch((error: unknown) => void this.#failures.push(error))
      .finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
    while (this.#underWay.size > MAX_UNDER_WAY) await Promise.race(this.#underWay);
    this.#throwFailure();
    return result;
  }

  /** Everything written is on the medium afterwards, and nothing on its way. @throws StorageError */
  async end(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}

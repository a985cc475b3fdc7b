import fs from 'node:fs';
import path from 'node:path';
import type { CreateOptions, Draft } from '@cairn/bytes';
import { guarded } from './storage-error.ts';

/** Hidden, with the process that writes it, so that what a crash leaves can be told from what is being written. */
const DRAFT_NAME = /^\..+\.(\d+)-\d+\.draft$/;

let count = 0;

/** Whether a file name is that of a draft. */
export function isDraftName(name: string): boolean {
  return DRAFT_NAME.test(name);
}

/** A file being written beside its target. */
export class LocalDraft implements Draft {
  readonly name: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #mode: number | undefined;
  #descriptor: number | null;

  private constructor(name: string, target: string, temporary: string, mode: number | undefined) {
    this.name = name;
    this.#target = target;
    this.#temporary = temporary;
    this.#mode = mode;
    this.#descriptor = guarded(target, () => fs.openSync(temporary, 'wx', 0o600));
  }

  static begin(name: string, target: string, { mode }: CreateOptions): LocalDraft {
    const folder = path.dirname(target);
    guarded(folder, () => fs.mkdirSync(folder, { recursive: true }));
    const temporary = path.join(folder, `.${path.basename(target)}.${process.pid}-${count++}.draft`);
    return new LocalDraft(name, target, temporary, mode);
  }

  write(offset: number, bytes: Uint8Array): void {
    const descriptor = this.#open();
    guarded(this.#target, () => {
      for (let done = 0; done < bytes.length;) {
        done += fs.writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
      }
    });
  }

  /** Everything written is on the medium afterwards. */
  flush(): void {
    const descriptor = this.#open();
    guarded(this.#target, () => {
      if (this.#mode !== undefined) fs.fchmodSync(descriptor, this.#mode);
      fs.fsyncSync(descriptor);
    });
  }

  /** Gives the draft its name; the folder's entry is on the medium afterwards. */
  publish(): void {
    const descriptor = this.#open();
    guarded(this.#target, () => {
      fs.renameSync(this.#temporary, this.#target);
      fs.closeSync(descriptor);
      this.#descriptor = null;
      flushFolder(path.dirname(this.#target));
    });
  }

  async discard(): Promise<void> {
    if (this.#descriptor === null) return;
    fs.closeSync(this.#descriptor);
    this.#descriptor = null;
    fs.rmSync(this.#temporary, { force: true });
  }

  #open(): number {
    if (this.#descriptor === null) throw new RangeError(`${this.name} is already committed or discarded`);
    return this.#descriptor;
  }
}

function flushFolder(folder: string): void {
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Removes drafts whose process is gone: what a crash left of saves that never happened.
 *
 * @returns their paths
 */
export function sweepDrafts(root: string): readonly string[] {
  if (!fs.existsSync(root)) return [];
  const stale = guarded(root, () => fs.readdirSync(root, { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isFile() && isDraftName(entry.name) && !isAlive(Number(DRAFT_NAME.exec(entry.name)?.[1])))
    .map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of stale) fs.rmSync(file, { force: true });
  return stale;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

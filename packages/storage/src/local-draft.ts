import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CreateOptions, Draft } from '@cairn/bytes';
import { crc32 } from '@cairn/bytes';
import { guarded, hasErrno } from './storage-error.ts';

/** This host among those that share a folder. */
export const HOST: string = crc32(new TextEncoder().encode(os.hostname())).toString(16).padStart(8, '0');
/**
 * Hidden, with the host and the process that write it, so that what a crash leaves can be told from what is being
 * written: `.{begin of the name}.{host}-{process}-{number}.draft`.
 */
const DRAFT_NAME = /^\..*\.([0-9a-f]{8})-(\d+)-\d+\.draft$/s;
/** Characters of a file's name that its draft has too: few enough for the 255 bytes a name may have. */
const STEM_CHARACTERS = 48;

let count = 0;

/** Who writes a draft, by its file name; null when it is not that of a draft. */
export function draftWriter(name: string): { readonly host: string; readonly pid: number } | null {
  const [, host = '', pid] = DRAFT_NAME.exec(name) ?? [];
  return pid === undefined ? null : { host, pid: Number(pid) };
}

/** A file being written beside its target. */
export class LocalDraft implements Draft {
  readonly name: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #mode: number | undefined;
  #descriptor: number | null;

  private constructor(name: string, target: string, { mode }: CreateOptions) {
    this.name = name;
    this.#target = target;
    this.#mode = mode;
    const { temporary, descriptor } = guarded(target, () => openDraft(target, mode));
    this.#temporary = temporary;
    this.#descriptor = descriptor;
  }

  static begin(name: string, target: string, options: CreateOptions): LocalDraft {
    const folder = path.dirname(target);
    guarded(folder, () => makeFolder(folder));
    return new LocalDraft(name, target, options);
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
      this.#descriptor = null;
      fs.closeSync(descriptor);
      flushFolder(path.dirname(this.#target));
    });
  }

  async discard(): Promise<void> {
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    this.#descriptor = null;
    guarded(this.#target, () => {
      fs.closeSync(descriptor);
      fs.rmSync(this.#temporary, { force: true });
    });
  }

  #open(): number {
    if (this.#descriptor === null) throw new RangeError(`${this.name} is already committed or discarded`);
    return this.#descriptor;
  }
}

/** A new hidden file beside the target. What an earlier process of the same number left is passed over. */
function openDraft(target: string, mode: number | undefined): { temporary: string; descriptor: number } {
  const stem = path.basename(target).slice(0, STEM_CHARACTERS);
  for (;;) {
    const temporary = path.join(path.dirname(target), `.${stem}.${HOST}-${process.pid}-${count++}.draft`);
    try {
      // A file that gets a mode of its own is nobody else's to read before.
      return { temporary, descriptor: fs.openSync(temporary, 'wx', mode === undefined ? 0o666 : 0o600) };
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
    }
  }
}

/** Makes a folder and those above it; their entries are on the medium afterwards. */
function makeFolder(folder: string): void {
  const first = fs.mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  const top = path.dirname(path.resolve(first));
  let above = path.resolve(folder);
  do {
    above = path.dirname(above);
    flushFolder(above);
  } while (above !== top && above !== path.dirname(above));
}

function flushFolder(folder: string): void {
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } catch (error) {
    // There are file systems on which a folder cannot be flushed: their entries are as durable as they get.
    if (!hasErrno(error, 'EINVAL') && !hasErrno(error, 'ENOTSUP')) throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

import type { ByteSink, OpenSource } from './source.ts';

/** One file of a {@link Folder}. */
export interface FileInfo {
  /** Path below the folder, parts joined by `/`. */
  readonly name: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Unix time of the last change in milliseconds. Tells people about order; no decision may rest on it alone. */
  readonly modifiedMs: number;
}

/** A file being written: invisible under its name until it is committed. */
export interface Draft extends ByteSink {
  /** The name it will have in its folder. */
  readonly name: string;
  /** Forgets the draft; what was written is removed. After `commit` it does nothing. */
  discard(): Promise<void>;
}

/** How a file is made. */
export interface CreateOptions {
  /** POSIX permission bits of the committed file, e.g. 0o400; the host's default when absent. */
  readonly mode?: number;
}

/** Named files that appear whole or not at all: a directory on a disk, a prefix of an object store. */
export interface Folder {
  /** For messages: the path or address of the folder. */
  readonly location: string;
  /** All files below `prefix` (every one when absent), committed ones only, in name order. */
  list(prefix?: string): Promise<readonly FileInfo[]>;
  /**
   * Opens a committed file.
   *
   * @throws an error whose `code` is `not-found` when there is no such file
   */
  open(name: string): Promise<OpenSource>;
  /** Begins a file. Missing parent folders are made. */
  create(name: string, options?: CreateOptions): Promise<Draft>;
  /**
   * Makes the drafts durable and visible, in this order: each is flushed to the medium before any is
   * visible, and a crash in between leaves a prefix of the list. Existing files of the same names are replaced.
   */
  commit(drafts: readonly Draft[]): Promise<void>;
  /** Removes a file; no error when it is not there. */
  remove(name: string): Promise<void>;
  /** Bytes that can still be written, as far as the host can tell. */
  free(): Promise<number>;
}

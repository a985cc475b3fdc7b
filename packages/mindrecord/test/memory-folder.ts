import type { Draft, Folder, OpenSource } from '@cairn/bytes';
import { sourceOf } from '@cairn/bytes';

/** A folder in memory that remembers the modes of its files and counts what is not committed. */
export class MemoryFolder implements Pick<Folder, 'open' | 'create' | 'commit'> {
  readonly files: Map<string, Uint8Array>;
  readonly modes = new Map<string, number | undefined>();
  /** Drafts begun, neither committed nor discarded. */
  drafts = 0;
  /** The largest write. */
  largestWrite = 0;
  readonly #pieces = new Map<Draft, { offset: number; bytes: Uint8Array }[]>();

  constructor(files: Iterable<[string, Uint8Array]> = []) {
    this.files = new Map(files);
  }

  open = async (name: string): Promise<OpenSource> => {
    const bytes = this.files.get(name);
    if (bytes === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'not-found' });
    return { ...sourceOf(bytes), close() {} };
  };

  async create(name: string, options?: { readonly mode?: number }): Promise<Draft> {
    const pieces: { offset: number; bytes: Uint8Array }[] = [];
    const draft: Draft = {
      name,
      write: (offset, bytes) => {
        this.largestWrite = Math.max(this.largestWrite, bytes.length);
        pieces.push({ offset, bytes });
      },
      discard: async () => {
        if (this.#pieces.delete(draft)) this.drafts -= 1;
      },
    };
    this.modes.set(name, options?.mode);
    this.#pieces.set(draft, pieces);
    this.drafts += 1;
    return draft;
  }

  async commit(drafts: readonly Draft[]): Promise<void> {
    for (const draft of drafts) {
      const pieces = this.#pieces.get(draft) ?? [];
      const file = new Uint8Array(pieces.reduce((end, { offset, bytes }) => Math.max(end, offset + bytes.length), 0));
      for (const { offset, bytes } of pieces) file.set(bytes, offset);
      this.files.set(draft.name, file);
      this.#pieces.delete(draft);
      this.drafts -= 1;
    }
  }
}

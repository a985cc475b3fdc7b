import type { ByteSink } from '@cairn/bytes';
import { AppendBuffer } from './append-buffer.ts';
import type { EncodedRow } from './encode-row.ts';
import type { Page } from './header.ts';
import { LENGTH_BYTES, pageOffset } from './header.ts';
import type { IndexWriter } from './index-writer.ts';
import type { OpenGroup, RowBytes } from './row-groups.ts';
import { cutRowGroups } from './row-groups.ts';

/** A page that still grows. */
type OpenPage = { -readonly [K in keyof Page]: Page[K] } & { groups: { id: number; offset: number }[] };

/**
 * Lays the rows of one data file into pages as MindSpore's ShardWriter does (docs/formats/mindrecord.md, "Pages").
 *
 * In memory: a buffer of blobs, and the raw rows of the open row group (at most a page), which move when their page
 * is full before the group is.
 */
export class ShardWriter {
  readonly #index: IndexWriter;
  readonly #sizes: { readonly headerBytes: number; readonly pageBytes: number };
  readonly #pages: OpenPage[] = [];
  readonly #blobs: AppendBuffer;
  readonly #raws: AppendBuffer;
  #blobPage: OpenPage | undefined;
  #rawPage: OpenPage | undefined;

  /** @param bufferBytes blobs are written in pieces of about this size */
  constructor(
    sink: ByteSink,
    index: IndexWriter,
    sizes: { readonly headerBytes: number; readonly pageBytes: number; readonly bufferBytes: number },
  ) {
    this.#index = index;
    this.#sizes = sizes;
    this.#blobs = new AppendBuffer(sink, sizes.bufferBytes);
    this.#raws = new AppendBuffer(sink, Infinity);
  }

  get pages(): readonly Page[] {
    return this.#pages;
  }

  /** Writes the rows of one call. Each fits its page: the caller has checked. */
  async write(rows: readonly EncodedRow[]): Promise<void> {
    if (rows.length === 0) return;
    const ends = cutRowGroups(rows.map(rowBytes), this.#openGroup(), this.#sizes.pageBytes);
    const groups = ends.map((end, i) => rows.slice(ends[i - 1] ?? 0, end));
    // All blobs of a call go before its raw rows: this is what numbers the pages.
    const blobPlaces: BlobPlace[] = [];
    for (const [i, group] of groups.entries()) {
      if (i > 0) await this.#startBlobPage();
      for (const { blob } of group) blobPlaces.push(await this.#addBlob(blob));
    }
    let place = 0;
    for (const [i, group] of groups.entries()) {
      const rawBytes = group.reduce((bytes, row) => bytes + rowBytes(row).rawBytes, 0);
      if (i > 0) await this.#startRawGroup(blobPlaces[place]!.group, rawBytes);
      else if (group.length > 0) await this.#continueRawGroup(blobPlaces[0]!, rawBytes);
      for (const row of group) await this.#addRaw(row, blobPlaces[place++]!);
    }
  }

  /** Writes what is still in buffers. */
  async finish(): Promise<void> {
    await this.#blobs.flush();
    await this.#raws.flush();
  }

  #openGroup(): OpenGroup {
    const groupStart = this.#rawPage?.groups.at(-1)?.offset ?? 0;
    return { blobBytes: this.#blobPage?.usedBytes ?? 0, rawBytes: (this.#rawPage?.usedBytes ?? 0) - groupStart };
  }

  async #startBlobPage(): Promise<void> {
    const startRow = this.#blobPage?.endRow ?? 0;
    const typeId = (this.#blobPage?.typeId ?? -1) + 1;
    this.#blobPage = this.#newPage({ type: 'BLOB_DATA', typeId, startRow, endRow: startRow });
    await this.#blobs.moveTo(pageOffset(this.#sizes, this.#blobPage.id));
  }

  async #addBlob(blob: Uint8Array): Promise<BlobPlace> {
    const page = this.#blobPage!; // The first group of a shard is preceded by an empty one.
    const start = page.usedBytes;
    await this.#blobs.append(blob);
    page.usedBytes += LENGTH_BYTES + blob.length;
    page.endRow += 1;
    return { row: page.endRow - 1, group: page.typeId, page: page.id, start, end: page.usedBytes };
  }

  /** The open group gets more raw rows; when its page has no room for them, the whole group moves to a new page. */
  async #continueRawGroup(first: BlobPlace, rawBytes: number): Promise<void> {
    const page = this.#rawPage!; // A group that is continued has raw rows.
    if (page.usedBytes + rawBytes <= this.#sizes.pageBytes) return;
    const { id, offset } = page.groups.pop()!;
    const next = this.#newPage({ type: 'RAW_DATA', typeId: page.id + 1, startRow: 0, endRow: 0 });
    next.groups.push({ id, offset: 0 });
    next.usedBytes = page.usedBytes - offset;
    page.usedBytes = offset;
    this.#rawPage = next;
    // MindSpore leaves the old bytes where they were; so do we, for equal files.
    await this.#raws.copyTo(pageOffset(this.#sizes, next.id));
    const groupStart = this.#pages.find((blob) => blob.type === 'BLOB_DATA' && blob.typeId === first.group)!.startRow;
    this.#index.moveRaw(groupStart, next.id, offset);
  }

  async #startRawGroup(group: number, rawBytes: number): Promise<void> {
    if (this.#rawPage === undefined || this.#rawPage.usedBytes + rawBytes > this.#sizes.pageBytes) {
      const typeId = (this.#rawPage?.id ?? -1) + 1;
      this.#rawPage = this.#newPage({ type: 'RAW_DATA', typeId, startRow: 0, endRow: 0 });
    }
    this.#rawPage.groups.push({ id: group, offset: this.#rawPage.usedBytes });
    await this.#raws.moveTo(pageOffset(this.#sizes, this.#rawPage.id) + this.#rawPage.usedBytes);
  }

  async #addRaw({ raw, indexed }: EncodedRow, blob: BlobPlace): Promise<void> {
    const page = this.#rawPage!; // Started with the group.
    const start = page.usedBytes;
    await this.#raws.append(raw);
    page.usedBytes += LENGTH_BYTES + raw.length;
    this.#index.add([blob.row, page.id, start, page.usedBytes, blob.group, blob.page, blob.start, blob.end], indexed);
  }

  #newPage(page: Pick<Page, 'type' | 'typeId' | 'startRow' | 'endRow'>): OpenPage {
    const id = this.#pages.length;
    const open: OpenPage = { id, ...page, groups: [], usedBytes: 0 };
    this.#pages.push(open);
    return open;
  }
}

/** Where the blob of a row went. */
interface BlobPlace {
  readonly row: number;
  readonly group: number;
  readonly page: number;
  readonly start: number;
  readonly end: number;
}

function rowBytes({ blob, raw }: EncodedRow): RowBytes {
  return { blobBytes: LENGTH_BYTES + blob.length, rawBytes: LENGTH_BYTES + raw.length };
}

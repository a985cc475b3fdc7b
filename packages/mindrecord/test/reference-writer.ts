/**
 * The page layout of MindSpore's ShardWriter for one shard, call by call, on a plain buffer: an oracle for tests,
 * written from qwen-llama-data §5.5, with none of the writer's streaming. That raw rows of an open group move to a new
 * page is not in the sheet, nor in a golden file: the rule is what MindSpore's source says (shard_writer.cc).
 */
export interface ReferencePage {
  id: number;
  type: 'BLOB_DATA' | 'RAW_DATA';
  typeId: number;
  startRow: number;
  endRow: number;
  groups: { id: number; offset: number }[];
  usedBytes: number;
}

interface Record {
  readonly blob: Uint8Array;
  readonly raw: Uint8Array;
}

export class ReferenceWriter {
  readonly pages: ReferencePage[] = [];
  /** How often the raw rows of an open group moved to a new page. */
  moves = 0;
  bytes: Uint8Array = new Uint8Array(0);
  readonly #pageBytes: number;

  constructor(pageBytes: number) {
    this.#pageBytes = pageBytes;
  }

  call(rows: readonly Record[]): void {
    if (rows.length === 0) return;
    const blobs = this.#last('BLOB_DATA');
    let raws = this.#last('RAW_DATA');
    const groups = this.#cut(rows, blobs?.usedBytes ?? 0, raws ? raws.usedBytes - raws.groups.at(-1)!.offset : 0);
    const [first, ...others] = groups;
    if (first!.length > 0 && blobs !== undefined) {
      blobs.usedBytes += this.#put(blobs, first!, 'blob');
      blobs.endRow += first!.length;
    }
    let typeId = blobs?.typeId ?? -1;
    let row = blobs?.endRow ?? 0;
    for (const group of others) {
      const page = this.#page('BLOB_DATA', ++typeId);
      page.startRow = row;
      page.endRow = row += group.length;
      page.usedBytes = this.#put(page, group, 'blob');
    }
    if (first!.length > 0) raws = this.#shifted(raws!, size(first!, 'raw'));
    let group = raws?.groups.at(-1)!.id ?? -1;
    groups.forEach((records, i) => {
      if (records.length === 0) return;
      if (raws === undefined || raws.usedBytes + size(records, 'raw') > this.#pageBytes) {
        raws = this.#page('RAW_DATA', (raws?.id ?? -1) + 1);
      }
      if (i > 0) raws.groups.push({ id: ++group, offset: raws.usedBytes });
      raws.usedBytes += this.#put(raws, records, 'raw');
    });
  }

  /** The RAW page for more rows of the open group: the old one, or a new one to which the group has moved. */
  #shifted(raws: ReferencePage, bytes: number): ReferencePage {
    if (raws.usedBytes + bytes <= this.#pageBytes) return raws;
    this.moves += 1;
    const { id, offset } = raws.groups.pop()!;
    const begin = this.#pageBytes * raws.id;
    const moved = this.bytes.slice(begin + offset, begin + raws.usedBytes);
    const page = this.#page('RAW_DATA', raws.id + 1);
    this.#write(this.#pageBytes * page.id, moved);
    page.groups.push({ id, offset: 0 });
    page.usedBytes = moved.length;
    raws.usedBytes = offset;
    return page;
  }

  #cut(rows: readonly Record[], blobBytes: number, rawBytes: number): Record[][] {
    const groups: Record[][] = [[]];
    for (const row of rows) {
      const blob = 8 + row.blob.length;
      const raw = 8 + row.raw.length;
      if (blobBytes === 0 || blobBytes + blob > this.#pageBytes || rawBytes + raw > this.#pageBytes) {
        groups.push([]);
        blobBytes = rawBytes = 0;
      }
      groups.at(-1)!.push(row);
      blobBytes += blob;
      rawBytes += raw;
    }
    return groups;
  }

  #last(type: ReferencePage['type']): ReferencePage | undefined {
    return this.pages.findLast((page) => page.type === type);
  }

  #page(type: ReferencePage['type'], typeId: number): ReferencePage {
    const page = { id: this.pages.length, type, typeId, startRow: 0, endRow: 0, groups: [], usedBytes: 0 };
    this.pages.push(page);
    return page;
  }

  #put(page: ReferencePage, records: readonly Record[], part: keyof Record): number {
    let at = this.#pageBytes * page.id + page.usedBytes;
    for (const record of records) {
      const bytes = new Uint8Array(8 + record[part].length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(record[part].length), true);
      bytes.set(record[part], 8);
      this.#write(at, bytes);
      at += bytes.length;
    }
    return size(records, part);
  }

  #write(at: number, bytes: Uint8Array): void {
    if (at + bytes.length > this.bytes.length) {
      const longer = new Uint8Array(at + bytes.length);
      longer.set(this.bytes);
      this.bytes = longer;
    }
    this.bytes.set(bytes, at);
  }
}

function size(records: readonly Record[], part: keyof Record): number {
  return records.reduce((bytes, record) => bytes + 8 + record[part].length, 0);
}

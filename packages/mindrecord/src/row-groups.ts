/** What a row takes in its pages, length fields included. */
export interface RowBytes {
  readonly blobBytes: number;
  readonly rawBytes: number;
}

/** How far the open row group of a shard is filled; zeros before the first row. */
export interface OpenGroup {
  /** Used bytes of its BLOB page. */
  readonly blobBytes: number;
  /** Bytes of its raw rows. */
  readonly rawBytes: number;
}

/**
 * Cuts the rows of one call into row groups (docs/formats/mindrecord.md, "Pages"): a group ends where the next row
 * would push its BLOB page, or its raw rows, over the page size.
 *
 * @returns where each group ends; the first continues the open group and may be empty
 */
export function cutRowGroups(rows: readonly RowBytes[], open: OpenGroup, pageBytes: number): readonly number[] {
  const ends: number[] = [];
  let { blobBytes, rawBytes } = open;
  rows.forEach((row, i) => {
    const fits = blobBytes > 0 && blobBytes + row.blobBytes <= pageBytes && rawBytes + row.rawBytes <= pageBytes;
    if (!fits) ends.push(i);
    blobBytes = (fits ? blobBytes : 0) + row.blobBytes;
    rawBytes = (fits ? rawBytes : 0) + row.rawBytes;
  });
  ends.push(rows.length);
  return ends;
}

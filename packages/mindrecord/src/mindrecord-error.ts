/**
 * What went wrong. Reading: `file-missing`, `name-mismatch` (the pair was renamed), `header-damaged`, `version`,
 * `files-differ`, `column-missing`, `index-damaged`, `truncated`, `row-damaged`, `row-number` (asked for a row that
 * is not there), `limit` (more than Cairn or MindSpore reads). Writing: `file-exists`, `name`, `schema`, `size`
 * (header, page or shard count), `row-invalid`, `row-too-large`, `header-too-large`.
 */
export type MindRecordErrorCode =
  | 'file-missing'
  | 'name-mismatch'
  | 'header-damaged'
  | 'version'
  | 'files-differ'
  | 'column-missing'
  | 'index-damaged'
  | 'truncated'
  | 'row-damaged'
  | 'row-number'
  | 'limit'
  | 'file-exists'
  | 'name'
  | 'schema'
  | 'size'
  | 'row-invalid'
  | 'row-too-large'
  | 'header-too-large';

/** Where in the files an error is. */
export interface MindRecordPlace {
  readonly file?: string | undefined;
  /** Row number: within `file` when reading, in the order of writing when writing; 0-based. */
  readonly row?: number | undefined;
  /** Offset in `file`. */
  readonly byte?: number | undefined;
  readonly column?: string | undefined;
}

/** The only error of this package; errors of the host's sources and folders pass through unchanged. */
export class MindRecordError extends Error implements MindRecordPlace {
  readonly code: MindRecordErrorCode;
  readonly file: string | undefined;
  readonly row: number | undefined;
  readonly byte: number | undefined;
  readonly column: string | undefined;

  constructor(code: MindRecordErrorCode, message: string, place: MindRecordPlace = {}, cause?: unknown) {
    super(place.file === undefined ? message : `${place.file}: ${message}`, cause === undefined ? {} : { cause });
    this.name = 'MindRecordError';
    this.code = code;
    this.file = place.file;
    this.row = place.row;
    this.byte = place.byte;
    this.column = place.column;
  }
}

/** Whether an error is one of this package. */
export function isMindRecordError(error: unknown): error is MindRecordError {
  return error instanceof MindRecordError;
}

/**
 * What went wrong: `column-missing`, `column-type` (no integers where token ids are needed), `value-range` (an id
 * beyond int32), `row-length` (rows of one batch differ, or are not seq_length + 1 long), `empty` (not one batch),
 * `nothing-left` (the start lies behind the end), `option` (impossible or contradicting settings).
 */
export type DataErrorCode =
  | 'column-missing'
  | 'column-type'
  | 'value-range'
  | 'row-length'
  | 'empty'
  | 'nothing-left'
  | 'option';

/** Where an error comes from. */
export interface DataPlace {
  /** Configuration path of the cause, e.g. `train_dataset.data_loader.dataset_dir`. */
  readonly path?: string | undefined;
  readonly row?: number | undefined;
  readonly column?: string | undefined;
}

/** The only error of this package; errors of data sets (MindRecordError, of hosts) pass through unchanged. */
export class DataError extends Error implements DataPlace {
  readonly code: DataErrorCode;
  readonly path: string | undefined;
  readonly row: number | undefined;
  readonly column: string | undefined;

  constructor(code: DataErrorCode, message: string, place: DataPlace = {}) {
    super(message);
    this.name = 'DataError';
    this.code = code;
    this.path = place.path;
    this.row = place.row;
    this.column = place.column;
  }
}

/** Whether an error is one of this package. */
export function isDataError(error: unknown): error is DataError {
  return error instanceof DataError;
}

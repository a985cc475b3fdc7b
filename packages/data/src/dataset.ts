import type { ColumnValue } from '@cairn/mindrecord';

/** One row: a value a column of the data set, in its column order. */
export type DatasetRow = readonly ColumnValue[];

/** Rows that can be read by number: where training data comes from. */
export interface Dataset {
  readonly rows: number;
  /** Rows of each file, in file order, where there are files to shuffle in or between. */
  readonly fileRows?: readonly number[];
  /** The first is `input_ids`, the second, if there is one, the labels, whatever they are called. */
  readonly columns: readonly string[];
  /** Reads rows in the order asked for. */
  read(rows: readonly number[]): Promise<readonly DatasetRow[]>;
}

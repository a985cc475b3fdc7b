import type { MindRecord } from '@cairn/mindrecord';
import { DataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';

/** The first columns are token ids. */
const ID_COLUMNS = 2;

/**
 * MindRecord files as a data set.
 *
 * @param file    as of `openMindRecord`; closing it is the caller's
 * @param columns `input_columns`: the first gives input_ids, the second the labels, others are read and checked only
 * @param path    of the data set in the configuration, for errors
 * @throws DataError `column-missing`, `column-type`
 */
export function mindRecordDataset(
  file: Pick<MindRecord, 'columns' | 'rows' | 'files' | 'read'>,
  columns: readonly string[],
  path = 'train_dataset',
): Dataset {
  const place = { path: `${path}.input_columns` };
  if (columns.length === 0) throw new DataError('column-missing', 'no input column is named', place);
  for (const [i, name] of columns.entries()) {
    const column = file.columns.find((column) => column.name === name);
    if (column === undefined) {
      const names = file.columns.map(({ name }) => name).join(', ');
      throw new DataError('column-missing', `the files have no column ${name}, only ${names}`, {
        ...place,
        column: name,
      });
    }
    const integers = (column.type === 'int32' || column.type === 'int64') && column.shape !== undefined;
    if (i < ID_COLUMNS && !integers) {
      const message = `column ${name} is ${column.type}; token ids are an int32 or int64 array`;
      throw new DataError('column-type', message, { ...place, column: name });
    }
  }
  return {
    rows: file.rows,
    fileRows: file.files.map(({ rows }) => rows),
    columns,
    async read(numbers) {
      const rows = await file.read(numbers, columns);
      return rows.map((row) => columns.map((name) => row[name]!)); // Every column that is asked for is there.
    },
  };
}

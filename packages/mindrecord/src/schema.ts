import type { Column, ColumnType } from './column.ts';

const TYPES: ReadonlySet<unknown> = new Set<ColumnType>(['int32', 'int64', 'float32', 'float64', 'string', 'bytes']);

/**
 * The columns of a schema, in name order, which is the order of everything in the files.
 *
 * @param schema name → {type, shape?}, from a header or from a caller
 * @param fail   makes the error of a schema that MindSpore would not write either (behaviour.json)
 */
export function columnsOf(schema: unknown, fail: (message: string, column?: string) => Error): readonly Column[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) throw fail('the schema is no object');
  const columns = Object.entries(schema)
    .map(([name, field]) => columnOf(name, field, fail))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (columns.length === 0) throw fail('the schema has no column');
  return columns;
}

function columnOf(name: string, field: unknown, fail: (message: string, column?: string) => Error): Column {
  if (!/^\w+$/.test(name)) throw fail(`column name '${name}' may hold letters, digits and _ only`, name);
  // The MessagePack decoder refuses this key; no real data set has it.
  if (name === '__proto__') throw fail("a column cannot be named '__proto__'", name);
  const { type, shape } = Object(field) as { type?: unknown; shape?: unknown };
  if (!TYPES.has(type)) {
    throw fail(`column ${name} has type '${String(type)}'; possible are ${[...TYPES].join(', ')}`, name);
  }
  const known = type as ColumnType; // A member of TYPES.
  if (shape === undefined) return { name, type: known };
  if (known === 'string' || known === 'bytes') throw fail(`column ${name} of type ${known} cannot have a shape`, name);
  if (!isShape(shape)) {
    throw fail(`column ${name} has shape ${JSON.stringify(shape)}: positive sizes, one -1 at most`, name);
  }
  return { name, type: known, shape };
}

function isShape(shape: unknown): shape is number[] {
  if (!Array.isArray(shape) || shape.length === 0) return false;
  const sizes: unknown[] = shape;
  return (
    sizes.every((size) => size === -1 || (Number.isSafeInteger(size) && Number(size) > 0)) &&
    sizes.filter((size) => size === -1).length <= 1
  );
}

import fc from 'fast-check';
import type { Column, ColumnValue, Row, Schema } from '../src/index.ts';

const shapes = [undefined, [-1], [3], [2, -1], [-1, 2, 2]] as const;
const numeric = ['int32', 'int64', 'float32', 'float64'] as const;

const field: fc.Arbitrary<Omit<Column, 'name'>> = fc.oneof(
  fc.record({ type: fc.constantFrom(...numeric), shape: fc.constantFrom(...shapes) }).map(({ type, shape }) => ({
    type,
    ...(shape && { shape }),
  })),
  fc.constantFrom({ type: 'string' } as const, { type: 'bytes' } as const),
);

function elements(shape: readonly number[]): fc.Arbitrary<number> {
  const known = shape.filter((size) => size !== -1).reduce((product, size) => product * size, 1);
  return shape.includes(-1) ? fc.integer({ min: 1, max: 5 }).map((size) => size * known) : fc.constant(known);
}

function valueOf({ type, shape }: Omit<Column, 'name'>): fc.Arbitrary<ColumnValue> {
  if (type === 'string') return fc.string({ unit: 'binary', maxLength: 40 });
  if (type === 'bytes') return fc.uint8Array({ minLength: 1, maxLength: 40 });
  const size = shape === undefined ? fc.constant(1) : elements(shape);
  const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    size.chain((length) => fc.array(item, { minLength: length, maxLength: length }));
  const arrays = {
    int32: list(fc.integer()).map((values) => Int32Array.from(values)),
    int64: list(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)).map((values) => BigInt64Array.from(values)),
    float32: list(fc.float()).map((values) => Float32Array.from(values)),
    float64: list(fc.double()).map((values) => Float64Array.from(values)),
  };
  return shape === undefined ? arrays[type].map((values) => values[0]!) : arrays[type];
}

/** A schema and rows that fit it. */
export const dataSet: fc.Arbitrary<{ schema: Schema; rows: Row[] }> = fc
  .dictionary(fc.stringMatching(/^[0-9A-Za-z_]{1,4}$/), field, { minKeys: 1, maxKeys: 6, noNullPrototype: true })
  .filter((schema) => {
    // Index fields are not told apart by case, and INC is taken.
    const names = Object.keys(schema).map((name) => name.toLowerCase());
    return new Set(names).size === names.length && !names.includes('inc');
  })
  .chain((schema) => {
    const entries = Object.entries(schema).map(([name, field]) => [name, valueOf(field)] as const);
    return fc.record({
      schema: fc.constant(schema),
      rows: fc.array(fc.record(Object.fromEntries(entries)), { maxLength: 12 }),
    });
  });

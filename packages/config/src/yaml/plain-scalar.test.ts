import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPlainScalar } from './plain-scalar.ts';

test.each([
  ['', null],
  ['~', null],
  ['Null', null],
  ['True', true],
  ['on', true],
  ['YES', true],
  ['off', false],
  ['No', false],
  ['Flase', 'Flase'],
  ['None', 'None'],
  ['y', 'y'],
  ['42', 42],
  ['-7', -7],
  ['+7', 7],
  ['-0', 0],
  ['1_000', 1000],
  ['010', 8],
  ['08', 8],
  ['0x1F', 31],
  ['0b101', 5],
  ['0b12', '0b12'],
  ['0o17', 15],
  ['1:30', 90],
  ['1.e-8', 1e-8],
  ['1e-5', 1e-5],
  ['2.E+3', 2000],
  ['.5', 0.5],
  ['-.inf', -Infinity],
  ['.5.', '.5.'],
  ['1.2.3', '1.2.3'],
  ['-', '-'],
  ['.', '.'],
  ['58GB', '58GB'],
  ['2024-01-01', '2024-01-01'],
])('%j reads as %j', (text, value) => {
  expect(readPlainScalar(text)).toBe(value);
});

test('.nan is a number', () => {
  expect(readPlainScalar('.nan')).toBeNaN();
});

test('every finite number reads back from how JavaScript prints it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(readPlainScalar(String(value))).toBe(value === 0 ? 0 : value);
    }),
  );
});

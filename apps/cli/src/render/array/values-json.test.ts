import { expect, test } from 'vitest';
import { valuesJson } from './values-json.ts';

test('numbers are numbers as long as JSON keeps them', () => {
  const floats = Float64Array.of(0.1, -0, 1e300, NaN, Infinity, -Infinity);
  expect(valuesJson('Float64', floats)).toBe('[0.1,-0.0,1e+300,"NaN","Infinity","-Infinity"]');
  const edge = 2n ** 53n;
  expect(valuesJson('Int64', BigInt64Array.of(edge - 1n, edge, -edge))).toBe(
    '[9007199254740991,"9007199254740992","-9007199254740992"]',
  );
});

test('Bool is true and false, no values are an empty list', () => {
  expect(valuesJson('Bool', Uint8Array.of(0, 1))).toBe('[false,true]');
  expect(valuesJson('Float32', new Float32Array(0))).toBe('[]');
});

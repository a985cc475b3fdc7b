import { expect, test } from 'vitest';
import { elementBytes, elementCount, isElementType } from './element-type.ts';

test.each([
  ['Bool', 1],
  ['Int4', 1],
  ['BFloat16', 2],
  ['Float16', 2],
  ['Int32', 4],
  ['Float64', 8],
] as const)('an element of %s takes %d bytes', (type, bytes) => {
  expect(isElementType(type)).toBe(true);
  expect(elementBytes(type)).toBe(bytes);
});

test.each(['float32', 'Complex64', 'toString', 'constructor', '__proto__', ''])('"%s" is no element type', (text) => {
  expect(isElementType(text)).toBe(false);
});

test('a scalar has one element, an axis of none has none', () => {
  expect(elementCount([])).toBe(1);
  expect(elementCount([2, 3, 4])).toBe(24);
  expect(elementCount([5, 0])).toBe(0);
});

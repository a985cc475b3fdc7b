import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonText } from './json-text.ts';

function read<T>(text: string, how: (json: JsonText) => T): T {
  const json = new JsonText(text, 0);
  const value = how(json);
  json.end();
  return value;
}

const string = (text: string): string => read(text, (json) => json.string());
const integers = (text: string): number[] => read(text, (json) => json.integers(3));
const skip = (text: string): void => read(text, (json) => json.skip());

test('texts are those of JSON.parse', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(string(JSON.stringify(text))).toBe(text);
    }),
  );
});

test('numbers are those of JSON.parse, with any spaces', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat(), { maxLength: 3 }), fc.constantFrom('', ' ', '\n\t'), (values, space) => {
      expect(integers(JSON.stringify(values, null, space))).toEqual(values);
    }),
  );
});

test('any JSON that is not deep is passed over', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      expect(skip(` ${text}\n`)).toBeUndefined();
    }),
  );
});

describe('refused', () => {
  test.each<[string, () => unknown]>([
    ['a text that is not closed', () => string('"ab')],
    ['a text that ends in an escape', () => string('"ab\\')],
    ['a line break in a text', () => string('"a\nb"')],
    ['an unknown escape', () => string('"\\x"')],
    ['a negative number', () => integers('[-1]')],
    ['a fraction', () => integers('[1.5]')],
    ['an exponent', () => integers('[1e3]')],
    ['a leading zero', () => integers('[01]')],
    ['a number beyond 2^53', () => integers('[9007199254740992]')],
    ['too many numbers', () => integers('[1,2,3,4]')],
    ['a list that is not closed', () => integers('[1')],
    ['a comma before the end', () => integers('[1,]')],
    ['something behind', () => integers('[1] 2')],
    ['nesting', () => skip('['.repeat(10) + ']'.repeat(10))],
    ['a word', () => skip('nil')],
    ['nothing', () => skip('')],
  ])('%s', (_, run) => {
    expect(run).toThrow(expect.objectContaining({ name: 'CkptError' }));
  });

  test('one key twice, also when it is escaped', () => {
    const object = (text: string): void => read(text, (json) => json.object(() => json.skip()));
    expect(object('{"a":1,"b":2}')).toBeUndefined();
    expect(() => object('{"a":1,"\\u0061":2}')).toThrow(expect.objectContaining({ code: 'duplicate' }));
  });

  test('with the byte where it is, not the character', () => {
    expect(() => new JsonText('"中" x', 100).string()).not.toThrow();
    const json = new JsonText('"中" x', 100);
    json.string();
    expect(() => json.end()).toThrow(expect.objectContaining({ byte: 106 }));
  });
});

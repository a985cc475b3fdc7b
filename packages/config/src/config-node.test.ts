import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConfigNode } from './config-node.ts';
import { mergeNodes, nodeAt, nodeOf, valueOf, withNode } from './config-node.ts';
import type { ConfigValue, Origin } from './config-value.ts';

const origin: Origin = { kind: 'flag', flag: '--test' };
const node = (value: ConfigValue): ConfigNode => nodeOf(value, origin) ?? expect.fail('too deep');
const changed = (value: ConfigValue, path: string[], set: ConfigValue): unknown => {
  const result = withNode(node(value), path, set === null ? null : node(set));
  return 'blocked' in result ? `blocked at ${result.blocked}` : valueOf(result);
};

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
/** __proto__ is never a key: see isForbiddenName. */
const name = fc.string().filter((text) => text !== '__proto__');
const tree = fc.letrec<{ value: ConfigValue }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, fc.array(tie('value')), fc.dictionary(name, tie('value'))),
})).value;

test('a tree of plain data comes back as it was', () => {
  fc.assert(
    fc.property(tree, (value) => {
      expect(valueOf(node(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('setting a value makes what is missing and leaves the rest', () => {
  expect(changed({ a: { b: 1 } }, ['a', 'c', 'd'], 2)).toEqual({ a: { b: 1, c: { d: 2 } } });
  expect(changed({ a: null }, ['a', 'b'], 2)).toEqual({ a: { b: 2 } });
  expect(changed({ a: { b: 1 } }, ['a', 'b'], null)).toEqual({ a: {} });
});

test('list elements are named by their type, and added when there is none', () => {
  const callbacks = [{ type: 'A' }, { type: 'B', x: 1 }];
  expect(changed({ callbacks }, ['callbacks', '[B]', 'x'], 2)).toEqual({
    callbacks: [{ type: 'A' }, { type: 'B', x: 2 }],
  });
  expect(changed({}, ['callbacks', '[B]', 'x'], 2)).toEqual({ callbacks: [{ type: 'B', x: 2 }] });
  expect(changed({ callbacks }, ['callbacks', '[A]'], null)).toEqual({ callbacks: [{ type: 'B', x: 1 }] });
});

test('a value in the way is named', () => {
  expect(changed({ a: 1 }, ['a', 'b'], 2)).toBe('blocked at b');
  expect(changed({ a: [1] }, ['a', '0'], 2)).toBe('blocked at 0');
  expect(changed({}, ['__proto__', 'x'], 2)).toBe('blocked at __proto__');
});

test('the tree that was changed stays as it was', () => {
  const before = node({ a: { b: 1 } });
  withNode(before, ['a', 'b'], node(2));
  expect(valueOf(before)).toEqual({ a: { b: 1 } });
  expect(nodeAt(before, ['a', 'b'])).toMatchObject({ value: 1 });
});

test('merging lays a tree over another: mappings in depth, everything else whole', () => {
  const merged = mergeNodes(node({ a: { b: 1, c: 2 }, l: [1, 2] }), node({ a: { b: 3 }, l: [4] }));
  expect(valueOf(merged)).toEqual({ a: { b: 3, c: 2 }, l: [4] });
});

test('data nested without end is refused', () => {
  let deep: ConfigValue = 1;
  for (let i = 0; i < 100; i++) deep = [deep];
  expect(nodeOf(deep, origin)).toBeNull();
});

import { expect, test } from 'vitest';
import { aloneGroup } from './group.ts';

test('a rank that is alone is rank 0 of one', () => {
  expect(aloneGroup()).toMatchObject({ rank: 0, size: 1 });
});

test.each(['sum', 'max'] as const)('reducing by %s leaves its values as they are', async (reduce) => {
  const values = Float32Array.of(1, NaN, -Infinity);
  await aloneGroup().allReduce(values, reduce);
  expect(values).toEqual(Float32Array.of(1, NaN, -Infinity));
});

test('what it gathers is what it gave, also when that is nothing', async () => {
  expect(await aloneGroup().allGather(Uint8Array.of(1, 2))).toEqual([Uint8Array.of(1, 2)]);
  expect(await aloneGroup().allGather(new Uint8Array(0))).toEqual([new Uint8Array(0)]);
});

test('it hears itself, and nobody else', async () => {
  expect(await aloneGroup().broadcast(Uint8Array.of(7), 0)).toEqual(Uint8Array.of(7));
  await expect(aloneGroup().broadcast(Uint8Array.of(7), 1)).rejects.toThrow(RangeError);
});

test('it waits for nobody', async () => {
  await expect(aloneGroup().barrier()).resolves.toBeUndefined();
});

test('sending and receiving are rejected promises, not exceptions', async () => {
  const sent = aloneGroup().send(new Uint8Array(1), 1);
  await expect(sent).rejects.toThrow('a group of one has no other rank');
  const received = aloneGroup().receive(new Uint8Array(1), 0);
  await expect(received).rejects.toThrow(RangeError);
});

test('a part of what it reduces is the whole, and it is the only member of its subgroups', async () => {
  const into = new Float32Array(2);
  await aloneGroup().reduceScatter(Float32Array.of(1, 2), into);
  expect(into).toEqual(Float32Array.of(1, 2));
  await expect(aloneGroup().reduceScatter(Float32Array.of(1, 2), new Float32Array(1))).rejects.toThrow(RangeError);
  expect(aloneGroup().subgroup('data', [0])).toMatchObject({ rank: 0, size: 1 });
  expect(() => aloneGroup().subgroup('data', [0, 1])).toThrow(RangeError);
});

import { expect, test } from 'vitest';
import type { InventoryEntry } from './inventory.ts';
import { replicated } from './layout.ts';
import { ALONE } from './parallel-spec.ts';
import { ownedBy, redundancyOwners, storedParts } from './redundancy.ts';

const PAIRS = [
  [0, 2],
  [1, 3],
];

test('the tensors of a group, sorted by name, go round its ranks', () => {
  const owners = redundancyOwners(['c', 'a', 'b'].map((name) => ({ name, groups: PAIRS })));
  expect(owners.get('a')).toEqual(new Set([0, 1]));
  expect(owners.get('b')).toEqual(new Set([2, 3]));
  expect(owners.get('c')).toEqual(new Set([0, 1]));
});

test('groups take turns apart from each other', () => {
  const owners = redundancyOwners([
    { name: 'a', groups: PAIRS },
    { name: 'b', groups: [[0, 1, 2, 3]] },
    { name: 'c', groups: PAIRS },
  ]);
  expect(owners.get('b')).toEqual(new Set([0]));
  expect(owners.get('c')).toEqual(new Set([2, 3]));
});

const cut = { deviceMatrix: [2, 2], tensorMap: [0], optimizerShardSize: 0, optimizerShardStep: 0 };

function entry(name: string, role: 'weight' | 'scalar' = 'weight', stages = [1]): InventoryEntry {
  const layout = role === 'scalar' ? replicated(0, [4]) : cut;
  return { name, shape: role === 'scalar' ? [] : [8], dtype: 'Float32', layout, role, stages };
}

test('the files of a stage together hold every slice once, and each of them every scalar', () => {
  const inventory = [
    entry('a'),
    entry('b'),
    entry('c'),
    entry('step', 'scalar', [0, 1]),
    entry('other', 'weight', [0]),
  ];
  const parallel = { ...ALONE, dataParallel: 2, modelParallel: 2, stages: 2 };
  const names = [4, 5, 6, 7].map((rank) => ownedBy(inventory, parallel, rank).map((held) => held.entry.name));
  expect(names).toEqual([
    ['a', 'c', 'step'],
    ['a', 'c', 'step'],
    ['b', 'step'],
    ['b', 'step'],
  ]);
});

test('the ranks of a group agree who of them stores what they hold', () => {
  const inventory = [entry('a'), entry('b'), entry('step', 'scalar', [1])];
  const parallel = { ...ALONE, dataParallel: 2, modelParallel: 2, stages: 2 };
  expect(storedParts(inventory, parallel, 4)).toEqual([
    { name: 'a', group: [4, 6], owner: 4 },
    { name: 'b', group: [4, 6], owner: 6 },
  ]);
  expect(storedParts(inventory, parallel, 7)).toEqual([
    { name: 'a', group: [5, 7], owner: 5 },
    { name: 'b', group: [5, 7], owner: 7 },
  ]);
});

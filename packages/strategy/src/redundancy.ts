import type { Inventory } from './inventory.ts';
import type { Layout } from './layout.ts';
import type { ParallelSpec } from './parallel-spec.ts';
import { coordinatesOf } from './parallel-spec.ts';
import type { RankEntry } from './rank-entries.ts';
import { entriesOfRank } from './rank-entries.ts';
import { replicaGroups } from './slice.ts';

/** A tensor and the groups of ranks that hold identical parts of it. */
export interface HeldTensor {
  readonly name: string;
  readonly groups: readonly (readonly number[])[];
}

/**
 * Who stores what under `remove_redundancy` (mindspore-formats §1.9): of the tensors a group holds alike, sorted by name, the
 * k-th belongs to rank k mod its size of the group.
 *
 * @returns for each tensor the ranks that store a part of it, one a group
 */
export function redundancyOwners(tensors: readonly HeldTensor[]): ReadonlyMap<string, ReadonlySet<number>> {
  const owners = new Map(tensors.map(({ name }) => [name, new Set<number>()]));
  const turns = new Map<string, number>();
  const byName = tensors.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const { name, groups } of byName) {
    for (const group of groups) {
      const key = group.join(' ');
      const turn = turns.get(key) ?? 0;
      turns.set(key, turn + 1);
      owners.get(name)?.add(group[turn % group.length]!);
    }
  }
  return owners;
}

/** The ranks that hold the same part of a tensor, and the one among them that stores it; ranks of the whole run. */
export interface StoredPart {
  readonly name: string;
  /** Ascending. */
  readonly group: readonly number[];
  readonly owner: number;
}

/**
 * Who stores under `remove_redundancy` what one rank holds, scalars aside: those are in every file.
 *
 * @param rank rank of the whole run
 * @returns in the order of the inventory, which is the same for all ranks of a stage
 * @throws StrategyError naming the tensor that does not divide
 */
export function storedParts(inventory: Inventory, parallel: ParallelSpec, rank: number): readonly StoredPart[] {
  const { inStage } = coordinatesOf(parallel, rank);
  const first = rank - inStage;
  const groupsOf = groupsByLayout();
  const tensors = entriesOfRank(inventory, parallel, rank)
    .filter(({ entry }) => entry.role !== 'scalar')
    .map(({ entry: { name, layout, shape } }) => ({ name, groups: groupsOf(layout, shape) }));
  const owners = redundancyOwners(tensors);
  return tensors.map(({ name, groups }) => {
    // Every rank of the stage is in a group, and each group has an owner.
    const group = groups.find((ranks) => ranks.includes(inStage))!;
    const owner = group.find((each) => owners.get(name)?.has(each))!;
    return { name, group: group.map((each) => first + each), owner: first + owner };
  });
}

/**
 * What the file of one rank holds under `remove_redundancy`: the slices it stores for its group, and every scalar.
 *
 * @param rank rank of the whole run
 * @throws StrategyError naming the tensor that does not divide
 */
export function ownedBy(inventory: Inventory, parallel: ParallelSpec, rank: number): readonly RankEntry[] {
  const owners = new Map(storedParts(inventory, parallel, rank).map(({ name, owner }) => [name, owner]));
  return entriesOfRank(inventory, parallel, rank).filter(({ entry }) => (owners.get(entry.name) ?? rank) === rank);
}

/** Groups depend on the layout only, and few layouts occur: each is worked out once. */
function groupsByLayout(): typeof replicaGroups {
  const known = new Map<string, ReturnType<typeof replicaGroups>>();
  return (layout: Layout, shape) => {
    const key = JSON.stringify(layout);
    const groups = known.get(key) ?? replicaGroups(layout, shape);
    known.set(key, groups);
    return groups;
  };
}

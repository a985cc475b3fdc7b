import fs from 'node:fs';
import path from 'node:path';
import { fullShape, redundancyOwners, replicaGroups } from '@cairn/strategy';
import type { HeldTensor } from '@cairn/strategy';
import { isMerged, layoutsOf, mergeStrategies, readStrategy, writeStrategy } from '@cairn/strategy/files';
import type { NamedLayout, StrategyFile } from '@cairn/strategy/files';
import { describe, expect, test } from 'vitest';
import { GOLDEN } from './run-cairn.ts';

const FOLDER = path.join(GOLDEN, 'strategy');

/** What the real packages say about a file. */
interface Expected {
  readonly decoded?: {
    readonly current_stage: number;
    readonly strategy: readonly (readonly [string, number, readonly (readonly number[])[]])[];
    readonly layout: readonly (readonly [
      string,
      {
        readonly dev_matrix: readonly (readonly number[])[];
        readonly tensor_map: readonly (readonly number[])[];
        readonly opt_weight_shard_step: number;
        readonly opt_weight_shard_size: number;
      },
    ])[];
  };
  readonly merged_from?: string;
}

interface Redundancy {
  readonly groups: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly owner: Readonly<Record<string, readonly string[]>>;
}

// Written by the producer beside the files; its form is described in their README.
const EXPECTED = (jsonOf('expected.json') as { files: Readonly<Record<string, Expected>> }).files;
const REDUNDANCY = jsonOf('redundancy.json') as Readonly<Record<string, Redundancy>>;

const FILES = Object.keys(EXPECTED);
const PROTOBUF = FILES.filter((name) => name.endsWith('.ckpt'));
const JSON_FILES = FILES.filter((name) => name.endsWith('.json'));
const MERGED = FILES.filter((name) => EXPECTED[name]?.merged_from !== undefined);

function bytesOf(name: string): Uint8Array {
  return fs.readFileSync(path.join(FOLDER, name));
}

function jsonOf(name: string): unknown {
  return JSON.parse(fs.readFileSync(path.join(FOLDER, name), 'utf8'));
}

/** Items by name: their order means nothing. */
function meaning({ currentStage, operators, layouts }: StrategyFile): unknown {
  return {
    currentStage,
    operators: new Map(operators.map((each) => [each.node, each])),
    layouts: new Map(layouts.map((each) => [each.name, each])),
  };
}

describe('protobuf', () => {
  test.each(PROTOBUF)('%s is read as MindSpore reads it, and written back to the byte', (name) => {
    const decoded = EXPECTED[name]?.decoded;
    const file = readStrategy(bytesOf(name));
    expect(file.currentStage).toBe(decoded?.current_stage);
    expect(file.operators.map(({ node, stage, inputs }) => [node, stage, inputs])).toEqual(decoded?.strategy);
    expect(file.layouts.map(({ name: each, layout }) => [each, layout])).toEqual(
      decoded?.layout.map(([each, real]) => [
        each,
        {
          deviceMatrix: real.dev_matrix[0],
          tensorMap:
            real.tensor_map.length === 1 ? real.tensor_map[0] : real.tensor_map.filter((map) => map.length > 0),
          optimizerShardStep: real.opt_weight_shard_step,
          optimizerShardSize: real.opt_weight_shard_size,
        },
      ]),
    );
    expect(Buffer.from(writeStrategy(file, 'protobuf')).equals(bytesOf(name))).toBe(true);
  });
});

describe('JSON', () => {
  test.each(JSON_FILES)('%s is read and written back to the same document', (name) => {
    const written = writeStrategy(readStrategy(bytesOf(name)), 'json');
    expect(JSON.parse(Buffer.from(written).toString())).toEqual(jsonOf(name));
    // MindSpore's own writer is compact, its merging is not.
    if (!MERGED.includes(name)) expect(Buffer.from(written).equals(bytesOf(name))).toBe(true);
  });

  test.each(JSON_FILES.filter((name) => !name.includes('nested')))('%s says the same as its protobuf twin', (name) => {
    const twin = readStrategy(bytesOf(name.replace('_json/', '_ckpt/').replace('.json', '.ckpt')));
    const { tensors: a, ...rest } = layoutsOf(readStrategy(bytesOf(name)));
    const { tensors: b, ...others } = layoutsOf(twin);
    expect(rest).toEqual(others);
    expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
    for (const [tensor, { byStage, shape }] of a) {
      expect([tensor, byStage]).toEqual([tensor, b.get(tensor)?.byStage]);
      expect(shape).not.toBeNull();
    }
  });
});

describe('merging', () => {
  test.each(MERGED)('the files of the stages give %s', (name) => {
    const folder = EXPECTED[name]?.merged_from ?? '';
    const sources = fs
      .readdirSync(path.join(FOLDER, folder))
      .map((file) => ({ name: file, file: readStrategy(bytesOf(path.join(folder, file))) }));
    const real = readStrategy(bytesOf(name));
    expect(isMerged(real)).toBe(true);
    expect(meaning(mergeStrategies(sources).file)).toEqual(meaning(real));
  });
});

/** Groups by the closed formulas. A protobuf file has no shapes: the smallest that divides does. */
function heldTensors({ layouts }: StrategyFile): readonly HeldTensor[] {
  return layouts.map(({ name, layout }: NamedLayout) => {
    const smallest = fullShape(
      layout,
      layout.tensorMap.map(() => 1),
    );
    return { name, groups: replicaGroups(layout, smallest) };
  });
}

/**
 * Where the real functions are wrong: several repeated dimensions with all replicas as shards leave parameters without an
 * owner, a nested map is read as its first axis.
 */
const WRONG_UPSTREAM: ReadonlySet<string> = new Set([
  'adam_zero_all.ckpt',
  'layout_nested.ckpt',
  'layout_nested_zero.ckpt',
]);

describe('remove_redundancy', () => {
  const sorted = (groups: readonly (readonly number[])[]): readonly string[] =>
    groups.map((group) => group.join(' ')).toSorted();

  test.each(PROTOBUF.filter((name) => !WRONG_UPSTREAM.has(name)))('%s: groups and owners are the real ones', (name) => {
    const real = REDUNDANCY[name];
    const held = heldTensors(readStrategy(bytesOf(name)));
    const owners = redundancyOwners(held);
    for (const { name: tensor, groups } of held)
      expect([tensor, sorted(groups)]).toEqual([tensor, sorted(real?.groups[tensor] ?? [])]);
    for (const [rank, tensors] of Object.entries(real?.owner ?? {})) {
      const ours = [...owners].filter(([, ranks]) => ranks.has(Number(rank))).map(([tensor]) => tensor);
      expect([rank, ours.toSorted()]).toEqual([rank, tensors]);
    }
  });

  test.each([...WRONG_UPSTREAM])(
    '%s: every part of every parameter has one owner, also where the real one has none',
    (name) => {
      const held = heldTensors(readStrategy(bytesOf(name)));
      const owners = redundancyOwners(held);
      for (const { name: tensor, groups } of held) {
        const owning = groups.map((group) => group.filter((rank) => owners.get(tensor)?.has(rank)).length);
        expect([tensor, owning]).toEqual([tensor, groups.map(() => 1)]);
      }
      const theirs = new Set(Object.values(REDUNDANCY[name]?.owner ?? {}).flat());
      const wrong = held.filter(
        ({ name: tensor, groups }) =>
          !theirs.has(tensor) || sorted(groups).join() !== sorted(REDUNDANCY[name]?.groups[tensor] ?? []).join(),
      );
      expect(wrong.length).toBeGreaterThan(0);
    },
  );
});

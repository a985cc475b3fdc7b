import { fullShape, optimizerShards, sliceShape } from '@cairn/strategy';
import type { Layout } from '@cairn/strategy';
import type { LaidOut, StrategyLayouts } from '@cairn/strategy/files';
import { shapeText } from './checkpoint-file.ts';
import type { JsonObject } from './json-object.ts';
import { numbersText } from './numbers-text.ts';
import { countText } from './size-text.ts';
import { tableLines } from './table.ts';

/** A tensor of a strategy by its name. */
export type NamedTensor = readonly [name: string, laidOut: LaidOut];

/** How a tensor lies, as an object for programs. */
export function tensorJson([name, { byStage, shape }]: NamedTensor): JsonObject {
  const layouts = [...byStage].map(([stage, layout]) => ({
    stage,
    ...layout,
    pieces: piecesOf(layout),
    slice: shape === null ? null : sliceShape(layout, shape),
  }));
  return { name, shape, layouts };
}

/** All tensors as a table; tensors that lie alike in all layers are one line. */
export function strategyLines({ stages, stageRanks, tensors }: StrategyLayouts): readonly string[] {
  const groups = new Map<
    string,
    { name: string; tensors: Set<string>; stages: Set<number>; cells: readonly string[] }
  >();
  for (const [name, { byStage, shape }] of tensors) {
    for (const [stage, layout] of byStage) {
      const cells = cellsOf(layout, shape, stageRanks);
      const pattern = name.replace(/\.\d+\./, '.*.');
      const key = JSON.stringify([pattern, cells]);
      const group = groups.get(key) ?? { name: pattern, tensors: new Set(), stages: new Set(), cells };
      groups.set(key, group);
      group.stages.add(stage);
      group.tensors.add(name);
    }
  }
  const rows = [...groups.values()].map((group) => [
    group.name,
    group.tensors.size,
    ...group.cells,
    numbersText([...group.stages]),
  ]);
  return [
    `${countText(stages * stageRanks, 'rank')}: ${countText(stages, 'stage')} of ${countText(stageRanks, 'rank')}`,
    ...tableLines([['tensor', 'number', 'shape', 'pieces', 'slice', 'copies', 'stages'], ...rows]),
    `${countText(tensors.size, 'tensor')}; pieces by axis, those of the optimizer behind a slash`,
  ];
}

function cellsOf(layout: Layout, shape: readonly number[] | null, stageRanks: number): readonly string[] {
  const pieces = piecesOf(layout);
  const shards = optimizerShards(layout);
  const copies = stageRanks / (pieces.reduce((product, each) => product * each, 1) * shards);
  return [
    shape === null ? '-' : shapeText(shape),
    `${shapeText(pieces)}${shards > 1 ? ` /${shards}` : ''}`,
    shape === null ? '-' : shapeText(sliceShape(layout, shape)),
    String(copies),
  ];
}

/** Pieces of each axis without those of the optimizer. */
function piecesOf(layout: Layout): readonly number[] {
  const uncut = layout.tensorMap.map(() => 1);
  return fullShape({ ...layout, optimizerShardSize: 0 }, uncut);
}

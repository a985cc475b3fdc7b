import type { Box } from '@cairn/bytes';
import { fullShape, replicaGroups, sliceOf } from '@cairn/strategy';
import type { Layout } from '@cairn/strategy';
import type { StrategyLayouts } from '@cairn/strategy/files';
import { shapeText } from './checkpoint-file.ts';
import type { JsonObject } from './json-object.ts';
import { numbersText } from './numbers-text.ts';
import type { NamedTensor } from './strategy-table.ts';
import { tensorJson } from './strategy-table.ts';
import { tableLines } from './table.ts';

/** A part of a tensor and the ranks of the run that hold it. */
interface Part {
  readonly box: Box;
  readonly ranks: readonly number[];
}

/** More columns than this are shown as a list. */
const MAX_COLUMNS = 8;

/** How a tensor lies and who holds which part, as an object for programs. */
export function tensorPartsJson(tensor: NamedTensor, { stageRanks }: StrategyLayouts): JsonObject {
  const [, { byStage, shape }] = tensor;
  const parts = [...byStage].flatMap(([stage, layout]) =>
    partsOf(layout, shape, stage * stageRanks).map((part) => ({ stage, ...part })),
  );
  return { ...tensorJson(tensor), parts };
}

/** Who holds which part of a tensor: rows and columns as a picture, anything else as a list. */
export function tensorPartsLines(
  [name, { byStage, shape }]: NamedTensor,
  { stageRanks }: StrategyLayouts,
): readonly string[] {
  const unit = shape === null ? 'in pieces: the file has no shapes' : shapeText(shape);
  return [...byStage].flatMap(([stage, layout]) => {
    const parts = partsOf(layout, shape, stage * stageRanks);
    const ranks = `${stage * stageRanks} to ${(stage + 1) * stageRanks - 1}`;
    return [
      `${name} ${unit}, stage ${stage}: ranks ${ranks}, devices ${shapeText(layout.deviceMatrix)}`,
      ...tableLines(isPicture(parts) ? picture(parts) : list(parts)).map((line) => `  ${line}`),
    ];
  });
}

function partsOf(layout: Layout, shape: readonly number[] | null, firstRank: number): readonly Part[] {
  const full =
    shape ??
    fullShape(
      layout,
      layout.tensorMap.map(() => 1),
    );
  return replicaGroups(layout, full).map((group) => ({
    box: sliceOf(layout, full, group[0]!),
    ranks: group.map((rank) => firstRank + rank),
  }));
}

function isPicture(parts: readonly Part[]): boolean {
  return parts[0]?.box.length === 2 && rangesOf(parts, 1).length <= MAX_COLUMNS;
}

/** Row ranges down, column ranges across, ranks where they meet. */
function picture(parts: readonly Part[]): readonly (readonly string[])[] {
  const ranks = new Map(parts.map(({ box, ranks: held }) => [box.map(rangeText).join(' '), numbersText(held)]));
  const columns = rangesOf(parts, 1);
  return [
    ['', ...columns],
    ...rangesOf(parts, 0).map((row) => [row, ...columns.map((column) => ranks.get(`${row} ${column}`) ?? '')]),
  ];
}

function list(parts: readonly Part[]): readonly (readonly string[])[] {
  const inOrder = parts.toSorted((a, b) => compareBoxes(a.box, b.box));
  return inOrder.map(({ box, ranks }) => [`[${box.map(rangeText).join(', ')}]`, `ranks ${numbersText(ranks)}`]);
}

function compareBoxes(a: Box, b: Box): number {
  const axis = a.findIndex(([begin], i) => begin !== b[i]?.[0]);
  return axis === -1 ? 0 : (a[axis]?.[0] ?? 0) - (b[axis]?.[0] ?? 0);
}

/** Ranges of an axis that occur, ascending. */
function rangesOf(parts: readonly Part[], axis: number): readonly string[] {
  const ranges = parts.map(({ box }) => box[axis]!).toSorted(([a], [b]) => a - b);
  return [...new Set(ranges.map(rangeText))];
}

function rangeText([begin, end]: readonly [number, number]): string {
  return `${begin}:${end}`;
}

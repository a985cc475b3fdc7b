import type { Box } from '@cairn/bytes';
import type { Layout } from './layout.ts';
import { StrategyError } from './strategy-error.ts';

/**
 * The slice of a tensor that one rank of a stage holds: its tensor-parallel block, and of that block's rows the
 * optimizer's piece (mindspore-formats §4.2, §4.3).
 *
 * @param layout      how the tensor lies on the stage's devices
 * @param shape       full shape, e.g. [4096, 11008]
 * @param rankInStage 0-based
 * @returns one [begin, end) range an axis
 * @throws StrategyError `not-divisible` when an axis does not divide, `layout-invalid` when layout and shape contradict
 *         each other or the rank is not one of the stage
 */
export function sliceOf(layout: Layout, shape: readonly number[], rankInStage: number): Box {
  const cuts = cutsOf(layout, shape);
  const coordinates = coordinatesIn(layout.deviceMatrix, rankInStage);
  return cuts.map(({ devices, size, shards }) => {
    const block = mixedRadix(layout.deviceMatrix, coordinates, devices);
    const position = shards > 1 ? mixedRadix(layout.deviceMatrix, coordinates, repeatedDevices(layout)) : 0;
    const begin = block * size * shards + (position % shards) * size;
    return [begin, begin + size] as const;
  });
}

/**
 * Shape of the slice every rank of the stage holds.
 *
 * @throws StrategyError as {@link sliceOf}
 */
export function sliceShape(layout: Layout, shape: readonly number[]): readonly number[] {
  return cutsOf(layout, shape).map(({ size }) => size);
}

/**
 * The full shape of a tensor of which a rank holds a slice of this shape (mindspore-formats §4.4): strategy files in
 * protobuf form hold no shapes.
 *
 * @throws StrategyError `layout-invalid` when the slice has another number of axes than the layout
 */
export function fullShape(layout: Layout, slice: readonly number[]): readonly number[] {
  checkLayout(layout, slice);
  const shards = optimizerShards(layout);
  return slice.map((size, axis) => {
    const pieces = product(devicesOf(layout, axis).map((device) => layout.deviceMatrix[device]!));
    return size * pieces * (axis === 0 ? shards : 1);
  });
}

/**
 * Ranks of the stage in groups that hold identical data: ascending inside, groups by their first rank.
 *
 * @throws StrategyError as {@link sliceOf}
 */
export function replicaGroups(layout: Layout, shape: readonly number[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (let rank = 0; rank < product(layout.deviceMatrix); rank++) {
    const key = sliceOf(layout, shape, rank)
      .map(([begin]) => begin)
      .join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [rank]);
    else group.push(rank);
  }
  return [...groups.values()];
}

/** Whether a rank holds less than the whole tensor. */
export function isCut(layout: Layout): boolean {
  const used = layout.tensorMap.flatMap((_, axis) => devicesOf(layout, axis));
  return used.some((device) => layout.deviceMatrix[device]! > 1) || optimizerShards(layout) > 1;
}

/** Pieces the optimizer cuts each tensor-parallel block into; 1 = none. */
export function optimizerShards(layout: Layout): number {
  const { optimizerShardSize: size, optimizerShardStep: step } = layout;
  if (size === 0 || step === 0) return 1;
  const replicas = product(repeatedDevices(layout).map((device) => layout.deviceMatrix[device]!));
  if (size === -1) return replicas;
  if (size > 0 && replicas % size === 0) return size;
  throw new StrategyError(
    'layout-invalid',
    `the optimizer cuts into ${size} pieces, but each block lies on ${replicas} ranks: the pieces must divide the ranks`,
  );
}

/** How one axis is cut. */
interface AxisCut {
  /** Device dimensions that cut it, most significant first; indices into the device matrix. */
  readonly devices: readonly number[];
  /** Pieces of the optimizer inside a block. */
  readonly shards: number;
  /** Elements of one rank's range. */
  readonly size: number;
}

function cutsOf(layout: Layout, shape: readonly number[]): readonly AxisCut[] {
  checkLayout(layout, shape);
  const shards = optimizerShards(layout);
  if (shards > 1 && shape.length === 0) throw invalid('a scalar is not cut by the optimizer', layout, shape);
  return shape.map((length, axis) => {
    const devices = devicesOf(layout, axis);
    const inside = axis === 0 ? shards : 1;
    const pieces = product(devices.map((device) => layout.deviceMatrix[device]!)) * inside;
    if (length % pieces !== 0)
      throw new StrategyError(
        'not-divisible',
        `axis ${axis} of a tensor [${shape.join(', ')}] does not divide into ${pieces} pieces: ${describe(layout)}`,
        { axis },
      );
    return { devices, shards: inside, size: length / pieces };
  });
}

function checkLayout(layout: Layout, shape: readonly number[]): void {
  const { deviceMatrix, tensorMap } = layout;
  if (tensorMap.length !== shape.length) throw invalid('one entry an axis is needed', layout, shape);
  if (!deviceMatrix.every((size) => Number.isSafeInteger(size) && size > 0))
    throw invalid('sizes of devices must be positive', layout, shape);
  const used = tensorMap.flat().filter((entry) => entry !== -1);
  if (!used.every((entry) => Number.isInteger(entry) && entry >= 0 && entry < deviceMatrix.length))
    throw invalid(`device dimensions are 0 to ${deviceMatrix.length - 1}, or -1`, layout, shape);
  if (new Set(used).size < used.length) throw invalid('a device dimension cuts twice', layout, shape);
}

function invalid(what: string, layout: Layout, shape: readonly number[]): StrategyError {
  return new StrategyError('layout-invalid', `${what}: ${describe(layout)} on a tensor [${shape.join(', ')}]`);
}

function describe({ deviceMatrix, tensorMap, optimizerShardSize, optimizerShardStep }: Layout): string {
  const shard = optimizerShardStep === 0 ? '' : `, optimizer shards ${optimizerShardSize}`;
  return `devices ${JSON.stringify(deviceMatrix)}, map ${JSON.stringify(tensorMap)}${shard}`;
}

/** Device dimensions that cut an axis, as indices into the device matrix, most significant first. */
function devicesOf({ deviceMatrix, tensorMap }: Layout, axis: number): readonly number[] {
  return [tensorMap[axis] ?? -1]
    .flat()
    .filter((entry) => entry !== -1)
    .map((entry) => deviceMatrix.length - 1 - entry);
}

/** Device dimensions that no axis uses, in device order. */
function repeatedDevices(layout: Layout): readonly number[] {
  const used = new Set(layout.tensorMap.flatMap((_, axis) => devicesOf(layout, axis)));
  return layout.deviceMatrix.map((_, device) => device).filter((device) => !used.has(device));
}

function coordinatesIn(deviceMatrix: readonly number[], rank: number): readonly number[] {
  if (!(Number.isInteger(rank) && rank >= 0 && rank < product(deviceMatrix)))
    throw new StrategyError('layout-invalid', `rank ${rank} is not one of the stage's ${product(deviceMatrix)}`);
  const coordinates = Array<number>(deviceMatrix.length).fill(0);
  let rest = rank;
  for (let device = deviceMatrix.length - 1; device >= 0; device--) {
    coordinates[device] = rest % deviceMatrix[device]!;
    rest = Math.floor(rest / deviceMatrix[device]!);
  }
  return coordinates;
}

/** Position along several device dimensions, the first most significant. */
function mixedRadix(
  deviceMatrix: readonly number[],
  coordinates: readonly number[],
  devices: readonly number[],
): number {
  return devices.reduce((position, device) => position * deviceMatrix[device]! + coordinates[device]!, 0);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/**
 * How one tensor lies on the devices of a pipeline stage (mindspore-formats §4.1).
 *
 * Device dimensions are counted from the right: tensor map value 0 is the last entry of the device matrix.
 */
export interface Layout {
  /** Row-major arrangement of the stage's devices; the first dimension varies slowest, e.g. [dp, mp]. */
  readonly deviceMatrix: readonly number[];
  /** One entry an axis: the device dimension that cuts it, -1 for none, or several, most significant first. */
  readonly tensorMap: readonly (number | readonly number[])[];
  /** Pieces each tensor-parallel block is cut into along axis 0 by the optimizer; 0 = not, -1 = all replicas. */
  readonly optimizerShardSize: number;
  /** Distance between the ranks of one optimizer shard group, for strategy files; 0 = not sharded, whatever the size. */
  readonly optimizerShardStep: number;
}

/**
 * The layout of a tensor that every device of the stage holds whole.
 *
 * @param axes         axes of the tensor, 0 for a scalar
 * @param deviceMatrix arrangement of the stage's devices; one device when absent
 */
export function replicated(axes: number, deviceMatrix: readonly number[] = [1]): Layout {
  return { deviceMatrix, tensorMap: Array<number>(axes).fill(-1), optimizerShardSize: 0, optimizerShardStep: 0 };
}

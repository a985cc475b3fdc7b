import type { Box } from '@cairn/bytes';
import type { Layout } from '@cairn/strategy';
import { isStrategyError, replicaGroups, sliceOf } from '@cairn/strategy';
import { TransformError } from './transform-error.ts';

/** Ranks of a stage that hold the same slice. */
export interface SliceGroup {
  readonly box: Box;
  /** Ranks within the stage, ascending. */
  readonly locals: readonly number[];
}

/**
 * Slices by layout and shape, worked out once: the layers of a model share them, and their boxes with them.
 */
export class LayoutSlices {
  readonly #keys = new WeakMap<Layout, string>();
  readonly #groups = new Map<string, readonly SliceGroup[]>();
  readonly #boxes = new Map<string, Box>();

  /** The same text for layouts that cut this shape the same way. */
  keyOf(layout: Layout, shape: readonly number[]): string {
    let key = this.#keys.get(layout);
    if (key === undefined) {
      key = JSON.stringify(layout);
      this.#keys.set(layout, key);
    }
    return `${key} ${shape.join('x')}`;
  }

  /** The distinct slices of a tensor. */
  groups(layout: Layout, shape: readonly number[]): readonly SliceGroup[] {
    const key = this.keyOf(layout, shape);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const groups = replicaGroups(layout, shape).map((locals) => ({ box: this.box(layout, shape, locals[0]!), locals }));
    this.#groups.set(key, groups);
    return groups;
  }

  /** The slice of one rank; of a layout on fewer devices than the stage has, that of the rank modulo them. */
  box(layout: Layout, shape: readonly number[], local: number): Box {
    const rank = local % layout.deviceMatrix.reduce((product, size) => product * size, 1);
    const key = `${this.keyOf(layout, shape)} ${rank}`;
    const known = this.#boxes.get(key);
    if (known !== undefined) return known;
    const box = sliceOf(layout, shape, rank);
    this.#boxes.set(key, box);
    return box;
  }
}

/** Runs what a layout is needed for; what is wrong with it becomes an error that names the tensor and the side. */
export function ofTensor<T>(tensor: string, side: 'source' | 'destination', work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isStrategyError(error)) throw error;
    const message = `${tensor}: the ${side} strategy does not fit: ${error.message}`;
    throw new TransformError('refused', message, { tensor, cause: error });
  }
}

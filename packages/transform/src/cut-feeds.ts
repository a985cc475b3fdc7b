import type { Box } from '@cairn/bytes';
import type { Layout } from '@cairn/strategy';
import { intersection } from './box.ts';
import type { LayoutSlices, SliceGroup } from './layout-slices.ts';

/** What a destination slice takes from the source ranks that hold one slice. */
export interface Feed {
  readonly group: SliceGroup;
  /** What is taken, in the full tensor. */
  readonly box: Box;
}

/**
 * Which source slices feed a destination slice: what two boxes share, worked out once for all tensors of equal layouts
 * (mindspore-formats §8).
 */
export class CutFeeds {
  readonly #slices: LayoutSlices;
  readonly #feeds = new Map<string, readonly Feed[]>();

  constructor(slices: LayoutSlices) {
    this.#slices = slices;
  }

  /** @param box the destination slice; equal slices are the same object */
  of(layout: Layout, shape: readonly number[], box: Box): readonly Feed[] {
    const key = `${this.#slices.keyOf(layout, shape)} ${box.join(' ')}`;
    const known = this.#feeds.get(key);
    if (known !== undefined) return known;
    const feeds = this.#slices.groups(layout, shape).flatMap((group): Feed[] => {
      const shared = intersection(group.box, box);
      return shared === null ? [] : [{ group, box: shared }];
    });
    this.#feeds.set(key, feeds);
    return feeds;
  }
}

import { wholeBox } from '../box.ts';
import { runsBetween } from '../runs.ts';
import type { Tile } from './gather-tile.ts';
import type { Workspace } from './workspace.ts';

/**
 * What a tile adds to the digest of its tensor.
 *
 * @param full full shape of the tensor
 */
export function digestTile({ box, at, width }: Tile, full: readonly number[], { digests }: Workspace): bigint {
  const { run, loops, from } = runsBetween(box, wholeBox(full), box);
  const [inner = { count: 1, fromStep: 0, toStep: run }, ...outer] = loops;
  let sum = 0n;
  const visit = (level: number, position: number, address: number): void => {
    const loop = outer[level];
    if (loop === undefined) {
      sum += digests.digest(width, address, inner.count, run, BigInt(position), BigInt(inner.fromStep));
      return;
    }
    for (let i = 0; i < loop.count; i++) {
      visit(level - 1, position + i * loop.fromStep, address + i * loop.toStep * width);
    }
  };
  visit(outer.length - 1, from, at);
  return sum;
}

import type { Group } from '@cairn/collectives';
import { gradientSharing } from '@cairn/model';
import type { LlamaSpec, RankPlace } from '@cairn/model';
import type { RankParameter } from './rank-state.ts';
import type { RankWorld } from './rank-world.ts';

/** Elements that are sent at once: 16 MiB. */
const BUCKET = 2 ** 22;

/** Gradients that the same ranks sum. */
interface Summed {
  readonly group: Group;
  readonly gradients: Float32Array[];
}

/**
 * Sums the gradients of a step over the ranks that have seen other rows, other tokens, or use the same weights.
 *
 * The order of the sums is that of the ranks, so that every rank has the same bits, and a rerun has them too.
 */
export class GradientSum {
  readonly #summed: readonly Summed[];
  readonly #bucket: Float32Array;

  constructor(world: RankWorld, spec: LlamaSpec, place: RankPlace, parameters: readonly RankParameter[]) {
    const byRanks = new Map<string, Summed>();
    for (const { model, blockGradient } of parameters) {
      const { stages, ...across } = gradientSharing(model, spec, place);
      const ranks = world.ranksAcross({ data: true, ...across, ...(stages && { stages: [0, place.stages - 1] }) });
      if (ranks.length === 1) continue;
      const key = ranks.join(' ');
      const summed = byRanks.get(key) ?? { group: world.group(ranks), gradients: [] };
      summed.gradients.push(blockGradient);
      byRanks.set(key, summed);
    }
    this.#summed = [...byRanks.values()];
    this.#bucket = new Float32Array(this.#summed.length > 0 ? BUCKET : 0);
  }

  async sum(): Promise<void> {
    for (const { group, gradients } of this.#summed) {
      for (const bucket of bucketsOf(gradients)) await this.#sumBucket(group, bucket);
    }
  }

  async #sumBucket(group: Group, gradients: readonly Float32Array[]): Promise<void> {
    const [first] = gradients;
    if (gradients.length === 1 && first !== undefined) return group.allReduce(first, 'sum');
    let length = 0;
    for (const gradient of gradients) {
      this.#bucket.set(gradient, length);
      length += gradient.length;
    }
    await group.allReduce(this.#bucket.subarray(0, length), 'sum');
    let at = 0;
    for (const gradient of gradients) gradient.set(this.#bucket.subarray(at, (at += gradient.length)));
  }
}

/** Gradients in groups that fit a bucket; those that do not are alone. */
function bucketsOf(gradients: readonly Float32Array[]): readonly (readonly Float32Array[])[] {
  const buckets: Float32Array[][] = [];
  let filled = Infinity;
  for (const gradient of gradients) {
    if (filled + gradient.length > BUCKET) {
      buckets.push([]);
      filled = 0;
    }
    buckets.at(-1)?.push(gradient);
    filled += gradient.length;
  }
  return buckets;
}

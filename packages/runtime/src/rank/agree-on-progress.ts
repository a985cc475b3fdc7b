import type { Group } from '@cairn/collectives';
import type { RankState } from './rank-state.ts';

/**
 * Gives all ranks the progress of the one that is least far: where each took its last checkpoint by time, they may be of
 * different steps (ruling 9), but they train together, with one learning rate and one loss scale.
 */
export async function agreeOnProgress(world: Group, { progress }: RankState): Promise<void> {
  const { globalStep, lossScale } = progress;
  const own = Float64Array.of(globalStep, lossScale.scale, lossScale.currentStep, lossScale.lastChangeStep);
  const all = await world.allGather(new Uint8Array(own.buffer));
  const least = all
    .map((bytes) => new Float64Array(bytes.slice().buffer))
    .reduce((a, b) => ((b[0] ?? Infinity) < (a[0] ?? Infinity) ? b : a));
  const [step = 0, scale = 1, currentStep = 0, lastChangeStep = 0] = least;
  progress.globalStep = step;
  progress.lossScale = { scale, currentStep, lastChangeStep };
}

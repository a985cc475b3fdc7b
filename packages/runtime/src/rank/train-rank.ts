import { runPaths } from '../run-paths.ts';
import { beginRun } from './begin-run.ts';
import { prepareDevice } from './prepare-device.ts';
import type { RankRun } from './rank-run.ts';
import { runSetup } from './run-setup.ts';
import { findStartPoint } from './start-point.ts';
import { trainSteps } from './train-steps.ts';
import type { TrainingEnd } from './train-steps.ts';

/**
 * Trains one rank from its start point to the end of its span. Everything that happens is emitted, but for how it ends.
 *
 * @throws what ended it early
 */
export async function trainRank(run: RankRun): Promise<TrainingEnd> {
  const setup = await runSetup(run.valid, runPaths(run.cwd, run.configFile), run.world);
  try {
    const start = await findStartPoint({
      config: run.valid.config,
      paths: setup.paths,
      rank: run.world.rank,
      world: run.world,
      expected: setup.expected,
      seal: setup.seal,
    });
    const begun = await beginRun(run, setup, start);
    const rank = await prepareDevice(run, setup, start, begun);
    try {
      return await trainSteps(run, setup, begun, rank);
    } finally {
      await rank.device.release();
    }
  } finally {
    await setup.data.close();
  }
}

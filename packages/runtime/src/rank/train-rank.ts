import { runPaths } from '../run-paths.ts';
import { agreeOnProgress } from './agree-on-progress.ts';
import { autoTransform } from './auto-transform.ts';
import { beginRun } from './begin-run.ts';
import { prepareDevice } from './prepare-device.ts';
import type { RankRun } from './rank-run.ts';
import { runSetup } from './run-setup.ts';
import { saveStrategy } from './save-strategy.ts';
import { findStartPoint } from './start-point.ts';
import { trainSteps } from './train-steps.ts';
import type { TrainingEnd } from './train-steps.ts';

/**
 * Trains one rank from its start point to the end of its span. Everything that happens is emitted, but for how it ends.
 *
 * @throws what ended it early
 */
export async function trainRank(run: RankRun): Promise<TrainingEnd> {
  const { config } = run.valid;
  const setup = await runSetup(run.valid, runPaths(run.cwd, run.configFile), run.world);
  try {
    if (config.only_save_strategy) {
      await beginRun(run, setup, { kind: 'fresh' });
      await saveStrategy(run, setup);
      return { steps: 0, finalLoss: null };
    }
    const cut = config.auto_trans_ckpt && config.load_checkpoint !== '' ? await autoTransform(run, setup) : null;
    const start = await findStartPoint({
      config:
        cut === null ? config : { ...config, load_checkpoint: cut, resume_training: config.resume_training !== false },
      paths: setup.paths,
      rank: run.world.rank,
      world: run.world,
      expected: setup.expected,
      seal: setup.seal,
    });
    const begun = await beginRun(run, setup, start);
    if (run.world.size > 1 && cut === null) await saveStrategy(run, setup);
    const rank = await prepareDevice(run, setup, start, begun);
    try {
      if (start.kind === 'resume') await agreeOnProgress(run.world, rank.state);
      return await trainSteps(run, setup, begun, rank);
    } finally {
      await rank.device.release();
    }
  } finally {
    await setup.data.close();
  }
}

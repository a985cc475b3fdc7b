import type { RunConfig, ValidConfig } from '@cairn/config';
import { stepsPerEpoch } from '@cairn/data';
import type { BatchOptions, ShuffleMode } from '@cairn/data';
import { unitRows } from '@cairn/model';
import type { LlamaSpec } from '@cairn/model';
import { trainingSpan } from '@cairn/resume';
import type { RunSizes, SavedPosition, TrainingSpan } from '@cairn/resume';
import type { Group } from '@cairn/collectives';
import { checkWorldSize, coordinatesOf } from '@cairn/strategy';
import type { Inventory, ParallelSpec } from '@cairn/strategy';
import { expectedContents, inventoryOf } from '../inventory-of.ts';
import type { Spread } from '../inventory-of.ts';
import { RunError, unsupported } from '../run-error.ts';
import type { RunPaths } from '../run-paths.ts';
import { batchSizesOf } from '../settings/batch-sizes.ts';
import type { BatchSizes } from '../settings/batch-sizes.ts';
import { llamaSpecOf } from '../settings/llama-spec.ts';
import { clipLimitOf, learningRateSpecOf, lossScaleSpecOf, optimizerSpecOf } from '../settings/optimizer-settings.ts';
import { parallelSpecOf, stagesOf } from '../settings/parallel-settings.ts';
import { saveSettingsOf } from '../settings/save-settings.ts';
import type { SaveSettings } from '../settings/save-settings.ts';
import type { TrainData } from '../train-data.ts';
import { openTrainData } from '../train-data.ts';
import type { ExpectedContents } from './checkpoint-file.ts';
import type { SealSettings } from './sealed-files.ts';
import { sealSettingsOf } from './sealed-files.ts';
import type { StepRules } from './train-step.ts';

/** Everything about a run that its configuration and its data decide. */
export interface RunSetup {
  readonly valid: ValidConfig;
  readonly paths: RunPaths;
  readonly spec: LlamaSpec;
  readonly spread: Spread;
  readonly inventory: Inventory;
  /** What this rank's checkpoints must hold to be resumed from. */
  readonly expected: ExpectedContents;
  readonly sizes: RunSizes;
  /** The rows this rank reads: all of a step, or a part of the data set. */
  readonly share: Pick<BatchOptions, 'batchSize' | 'shards'>;
  readonly data: TrainData;
  readonly save: SaveSettings | null;
  readonly seal: SealSettings | null;
  readonly shuffle: boolean | ShuffleMode;
  rules(span: TrainingSpan): StepRules;
  span(saved: SavedPosition | null): TrainingSpan;
}

/**
 * Maps a configuration to what its parts need and opens its data.
 *
 * @throws the errors of the parts, with configuration paths
 */
export async function runSetup(
  valid: ValidConfig,
  paths: RunPaths,
  world: Pick<Group, 'rank' | 'size'>,
): Promise<RunSetup> {
  const { config } = valid;
  checkModes(config, world.size);
  const spec = llamaSpecOf(config);
  const parallel = parallelSpecOf(config, world.size);
  checkWorldSize(parallel, world.size);
  const spread = { parallel, stageOfLayer: stagesOf(config, spec, parallel) };
  const batch = batchSizesOf(config, parallel);
  const share = shareOf(batch, parallel, world.rank, config);
  const lossScale = lossScaleSpecOf(config);
  const inventory = inventoryOf(spec, lossScale, spread);
  const optimizer = optimizerSpecOf(config);
  const shuffle = shuffleOf(config.train_dataset?.data_loader.shuffle ?? true);
  const save = saveSettingsOf(config, world.size);
  const { data, perEpoch } = await openData(config, paths, { share, shuffle, globalRows: batch.global });
  const sizes = runSizes(valid, batch.global, perEpoch);
  return {
    valid,
    paths,
    spec,
    spread,
    inventory,
    expected: { ...expectedContents(inventory, parallel, world.rank), reduced: config.remove_redundancy },
    sizes,
    share,
    data,
    save,
    seal: sealSettingsOf(save?.monitor ?? null),
    shuffle,
    span: (saved) =>
      trainingSpan(sizes, saved, { ignoreDataSkip: config.ignore_data_skip, dataSkipSteps: config.data_skip_steps }),
    rules: (span) => ({
      sizes: batch,
      unitRows: unitRows(batch.local / batch.microBatches, spec.seqLength),
      optimizer,
      lossScale,
      perTokenLoss: config.model?.model_config.calculate_per_token_loss ?? false,
      clipLimit: clipLimitOf(config),
      schedule: learningRateSpecOf(config, {
        totalSteps: span.totalSteps,
        stepsPerEpoch: perEpoch,
        scaleBatch: batch.global,
      }),
    }),
  };
}

/** How a run goes through its data. */
interface Passing {
  readonly share: RunSetup['share'];
  readonly shuffle: RunSetup['shuffle'];
  readonly globalRows: number;
}

/** Opens the data, and counts the steps of one pass. */
async function openData(config: RunConfig, paths: RunPaths, { share, shuffle, globalRows }: Passing) {
  const data = await openTrainData(config, paths);
  const perEpoch = stepsPerEpoch(data.dataset.rows, {
    ...share,
    dropRemainder: config.train_dataset?.drop_remainder ?? true,
    repeat: config.train_dataset?.repeat ?? 1,
    shuffle,
  });
  if (perEpoch === 0) {
    await data.close();
    throw new RunError('data-missing', 2, `${data.dataset.rows} rows do not fill one batch of ${globalRows}`, {
      path: ['runner_config', 'batch_size'],
    });
  }
  return { data, perEpoch };
}

/** What is run at all; many ranks resume sunk only (ruling 14). */
function checkModes(
  { run_mode: mode, resume_training: resume, runner_config: runner }: RunConfig,
  ranks: number,
): void {
  if (mode !== null && mode !== 'train' && mode !== 'finetune') {
    throw unsupported(['run_mode'], `${mode} is not run: use train or finetune`);
  }
  if (ranks > 1 && resume !== false && !runner.sink_mode) {
    throw unsupported(
      ['runner_config', 'sink_mode'],
      'several ranks resume with data sinking only: set sink_mode: True',
    );
  }
}

function shareOf(
  sizes: BatchSizes,
  parallel: ParallelSpec,
  rank: number,
  { environment }: RunConfig,
): Pick<BatchOptions, 'batchSize' | 'shards'> {
  if (!sizes.sharded) return { batchSize: sizes.global };
  const shards = {
    count: parallel.dataParallel,
    index: coordinatesOf(parallel, rank).data,
    byBlock: environment.shardByBlock,
  };
  return { batchSize: sizes.local, shards };
}

function runSizes({ config }: ValidConfig, globalBatchSize: number, perEpoch: number): RunSizes {
  const { epochs, sink_mode: sunk, sink_size: sink } = config.runner_config;
  return { epochs, stepsPerEpoch: perEpoch, globalBatchSize, sinkSize: sunk ? (sink === -1 ? perEpoch : sink) : null };
}

const MODES: readonly ShuffleMode[] = ['adaptive', 'global', 'infile', 'files', 'partial'];

function shuffleOf(named: boolean | string): boolean | ShuffleMode {
  if (typeof named === 'boolean') return named;
  const mode = MODES.find((each) => each === named.toLowerCase());
  if (mode !== undefined) return mode;
  throw new RunError('config-invalid', 2, `shuffle: ${named} should be True, False or one of ${MODES.join(', ')}`, {
    path: ['train_dataset', 'data_loader', 'shuffle'],
  });
}

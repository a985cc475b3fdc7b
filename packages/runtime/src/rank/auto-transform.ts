import fs from 'node:fs';
import path from 'node:path';
import type { RunConfig } from '@cairn/config';
import { localFolder } from '@cairn/storage';
import { stageSize } from '@cairn/strategy';
import { arrangementOf, divideRanks } from '@cairn/transform';
import type { Arrangement } from '@cairn/transform';
import { planResume } from '../plan-resume.ts';
import { RunError } from '../run-error.ts';
import { runLayoutOf } from '../strategy/run-layout.ts';
import { findSources } from '../transform/find-sources.ts';
import { applyTransformation, planTransformation } from '../transform/index.ts';
import { readArrangement } from '../transform/read-arrangement.ts';
import type { RankRun } from './rank-run.ts';
import type { RunSetup } from './run-setup.ts';
import { saveStrategy } from './save-strategy.ts';
import { together } from './together.ts';

/** Names of what is remade in the output folder (document 002). */
const REMADE = ['strategy', 'transformed_checkpoint'] as const;
const PREFIX = 'checkpoint_';
/** Memory of a rank's transformation, beside what it holds already. */
const MEMORY_BYTES = 256 * 2 ** 20;
/** Between two reports. */
const REPORT_BYTES = 64 * 2 ** 20;

/**
 * Cuts `load_checkpoint` anew for the ranks of this run (document 002, rulings 25 to 31): `transform_process_num` ranks
 * divide the work, all wait for each other, and a failure of one is the failure of all.
 *
 * @returns the file that this rank loads
 * @throws RunError, also with what another rank has failed with
 */
export async function autoTransform(run: RankRun, setup: RunSetup): Promise<string> {
  const { config } = run.valid;
  const { world } = run;
  const output = setup.paths.output(config.output_dir);
  const source = setup.paths.input(config.load_checkpoint);
  if (!fs.existsSync(source)) {
    const message = `load_checkpoint: ${config.load_checkpoint} does not exist`;
    throw new RunError('nothing-to-resume', 3, message, { file: config.load_checkpoint });
  }
  const shares = divideRanks(world.size, config.transform_process_num);
  refuseRemaking(config, setup, output);
  await together(world, async () => {
    if (world.rank === 0)
      for (const name of REMADE) fs.rmSync(path.join(output, name), { recursive: true, force: true });
  });
  if (world.size > 1) await together(world, () => saveStrategy(run, setup));
  const step = await stepToTake(source, run);
  const destination = path.join(output, REMADE[1]);
  const share = shares.find(({ worker }) => worker === world.rank);
  await together(world, async () => {
    if (share !== undefined) await transformShare(run, setup, { source, destination, ranks: share.ranks, step });
  });
  if (world.rank === 0) {
    const message = `the next run with auto_trans_ckpt removes ${REMADE.join(' and ')} from ${output}: copy what is to be kept`;
    run.emit({ type: 'warning', code: 'transformed-kept', message, place: '' });
  }
  return path.join(
    destination,
    `rank_${world.rank}`,
    `${PREFIX}${world.rank}.${await formatOf(destination, world.rank)}`,
  );
}

/** What is about to be removed must not be what is read (ruling 29). */
function refuseRemaking(config: RunConfig, { paths }: RunSetup, output: string): void {
  for (const key of ['load_checkpoint', 'src_strategy_path_or_dir'] as const) {
    if (config[key] === '') continue;
    const named = paths.input(config[key]);
    const folder = REMADE.map((name) => path.join(output, name)).find(
      (remade) => named === remade || named.startsWith(`${remade}${path.sep}`),
    );
    if (folder === undefined) continue;
    const message = `${config[key]} lies in ${folder}, which auto_trans_ckpt makes anew: move it out first`;
    throw new RunError('refused', 2, message, { path: [key], file: config[key] });
  }
}

/** For a run that resumes from rank folders: the step that all ranks of the source have; null = the last by name. */
async function stepToTake(source: string, { valid: { config }, world, emit }: RankRun): Promise<number | null> {
  const { resume_training: resumeTraining, resume_by_last_timestamp_ckpt: lastTimestamp } = config;
  if (resumeTraining === false || !fs.statSync(source).isDirectory()) return null;
  const told = new Float64Array(1);
  await together(world, async () => {
    if (world.rank !== 0) return;
    const worldSize = findSources(source, false).ranks.length;
    const plan = await planResume({ loadCheckpoint: source, worldSize, resumeTraining, lastTimestamp });
    for (const message of plan.warnings) emit({ type: 'warning', code: 'resume', message, place: '' });
    told[0] = plan.step;
  });
  const bytes = await world.broadcast(new Uint8Array(told.buffer), 0);
  return new Float64Array(bytes.slice().buffer)[0] ?? null;
}

interface ShareOfWork {
  readonly source: string;
  readonly destination: string;
  readonly ranks: readonly number[];
  readonly step: number | null;
}

/** Plans and writes the files of some ranks. */
async function transformShare(run: RankRun, setup: RunSetup, work: ShareOfWork): Promise<void> {
  const { emit, signal, valid } = run;
  const { source, destination, ranks, step } = work;
  const strategy = valid.config.src_strategy_path_or_dir;
  const beside = strategyBeside(source);
  if (strategy === '' && beside !== null) {
    const message = `src_strategy_path_or_dir is not given: ${beside}, which lies beside the checkpoint, is taken`;
    emit({ type: 'warning', code: 'strategy-beside', message, place: '' });
  }
  const from = await readArrangement(strategy === '' ? beside : setup.paths.input(strategy));
  const to = arrangementOfRun(run);
  const question = { source, from, to, destination, prefix: PREFIX, ranks, step, format: null, unifiedPartBytes: null };
  const transformation = await planTransformation(question);
  const { plan, warnings } = transformation;
  for (const message of warnings) emit({ type: 'warning', code: 'transform', message, place: '' });
  const { readBytes, writeBytes } = plan.cost;
  const files = plan.files.length;
  emit({ type: 'transform-planned', source, destination, files, readBytes, writeBytes });
  const begin = performance.now();
  let writtenBytes = 0;
  let toldBytes = 0;
  const onBytes = (bytes: number): void => {
    writtenBytes += bytes;
    if (writtenBytes - toldBytes < REPORT_BYTES) return;
    toldBytes = writtenBytes;
    emit({ type: 'transform-progress', writtenBytes, writeBytes });
  };
  const memoryBytes = process.memoryUsage.rss() + MEMORY_BYTES;
  await applyTransformation(transformation, { jobs: 1, memoryBytes, signal, onBytes });
  const folder = localFolder(destination);
  const marker = await folder.create(`transform_succeed_rank_${run.world.rank}.txt`);
  await folder.commit([marker]);
  const ms = performance.now() - begin;
  emit({ type: 'transform-finished', destination, files, readBytes, writtenBytes: writeBytes, ms });
}

/**
 * The strategy folder that a run leaves beside its checkpoints, three levels above the file of a rank
 * (mindformers-behaviour §3.5); null where there is none, or nothing to say: a complete checkpoint.
 */
function strategyBeside(source: string): string | null {
  const up = fs.statSync(source).isFile() ? '../../..' : '..';
  const folder = path.join(path.resolve(source, up), 'strategy');
  return fs.existsSync(folder) && findSources(source, true).ranks.length > 1 ? folder : null;
}

/** Null for a run on one rank: it loads a complete checkpoint. */
function arrangementOfRun({ valid: { config }, world }: RankRun): Arrangement | null {
  if (world.size === 1) return null;
  const { inventory, parallel } = runLayoutOf(config, world.size);
  return arrangementOf(inventory, stageSize(parallel), parallel.stages);
}

async function formatOf(destination: string, rank: number): Promise<'ckpt' | 'safetensors'> {
  const files = await localFolder(destination).list(`rank_${rank}/`);
  return files.some(({ name }) => name.endsWith('.safetensors')) ? 'safetensors' : 'ckpt';
}

import type { SideFile } from '@cairn/ckpt-format/folder';
import { readPosition } from '@cairn/ckpt-format/folder';
import { ledger } from '@cairn/data';
import type { EventBody } from '@cairn/events';
import { savesAnything } from '@cairn/resume';
import type { SavedPosition, TrainingSpan } from '@cairn/resume';
import { configDigest } from '../config-digest.ts';
import { printEveryOf } from '../settings/save-settings.ts';
import { openCheckpoint, readSide } from './checkpoint-file.ts';
import type { RankRun } from './rank-run.ts';
import { writeResumeRecord } from './resume-record.ts';
import type { RunSetup } from './run-setup.ts';
import { saveNotes } from './save-notes.ts';
import type { StartPoint } from './start-point.ts';
import type { StepRules } from './train-step.ts';

/** Where a run begins. */
export interface Begun {
  readonly span: TrainingSpan;
  readonly rules: StepRules;
  /** What lies beside the checkpoint that is resumed. */
  readonly side: SideFile | null;
}

/** Works out which steps the run trains, and tells it. */
export async function beginRun(run: RankRun, setup: RunSetup, start: StartPoint): Promise<Begun> {
  const { emit } = run;
  const side = start.kind === 'resume' ? readSide(start.file) : null;
  const saved = start.kind === 'resume' ? await savedPosition(start, side, setup) : null;
  const span = setup.span(saved);
  emit(runStarted(run, setup, span, side));
  if (start.kind === 'resume') {
    tellResume(run, start, span, side);
    if (run.world.rank === 0) writeResumeRecord(setup.paths.output(run.valid.config.output_dir), start);
  }
  const warn = (code: string, message: string): void => emit({ type: 'warning', code, message, place: '' });
  for (const message of span.warnings) warn('span', message);
  for (const note of saveNotes(run.valid, run.world.size)) emit(note);
  if (saved !== null || span.skip > 0) emit(dataSkipped(setup, span, saved));
  if (setup.save !== null && !savesAnything(setup.save.policy)) {
    warn('nothing-saved', 'neither save_checkpoint_steps nor save_checkpoint_seconds is set: nothing will be saved');
  }
  return { span, rules: setup.rules(span), side };
}

function runStarted(run: RankRun, setup: RunSetup, { totalSteps }: TrainingSpan, side: SideFile | null): EventBody {
  const { config } = run.valid;
  return {
    type: 'run-started',
    mode: config.run_mode ?? 'train',
    worldSize: run.world.size,
    parentRun: side?.runId ?? null,
    totalSteps,
    ...setup.sizes,
    printEvery: printEveryOf(config),
    seqLength: setup.spec.seqLength,
    configDigest: configDigest(config),
  };
}

function tellResume(
  { emit }: RankRun,
  start: Extract<StartPoint, { kind: 'resume' }>,
  { initialEpoch: epoch, initialStep: step, stepScale }: TrainingSpan,
  side: SideFile | null,
): void {
  for (const message of start.warnings) emit({ type: 'warning', code: 'resume', message, place: '' });
  if (side === null) {
    const message = `${start.file} has no side file, so its contents could be proven by structure and entries only`;
    emit({ type: 'warning', code: 'side-file-missing', message, place: '' });
  }
  const { file: from, reasons } = start;
  emit({ type: 'resume-decided', from, epoch, step, stepScale, reasons });
}

async function savedPosition(
  { file, step }: Extract<StartPoint, { kind: 'resume' }>,
  side: SideFile | null,
  { seal }: RunSetup,
): Promise<SavedPosition> {
  const checkpoint = await openCheckpoint(file, seal);
  try {
    const position = await readPosition(checkpoint.source, checkpoint.index);
    return {
      step: step ?? position.step ?? 0,
      epoch: position.epoch ?? 0,
      globalBatchSize: position.globalBatchSize,
      sunk: side && side.sinkSize !== null,
    };
  } finally {
    await checkpoint.close();
  }
}

function dataSkipped({ sizes, data }: RunSetup, span: TrainingSpan, saved: SavedPosition | null): EventBody {
  const before = { batchSize: saved?.globalBatchSize ?? sizes.globalBatchSize, step: saved?.step ?? 0 };
  const counts = ledger(data.dataset.rows, before, { batchSize: sizes.globalBatchSize, step: span.skip });
  return { type: 'data-skipped', steps: span.skip, samples: span.skip * sizes.globalBatchSize, ...counts };
}

import type { CheckpointSaved, RankLost, ResumeDecided, RunStarted, Step, TrainingEvent } from '../events.ts';
import { stepLines } from './step-lines.ts';

/**
 * Turns events into what a person reads, in MindFormers' words where it has some. Keeps what lines need from earlier
 * events: the run's sizes, the losses of the epoch, the times of a sink's steps.
 *
 * Of what all ranks do, rank 0 stands for all, unless every rank is wanted: then each line says whose it is.
 */
export function eventLines({ allRanks = false }: { readonly allRanks?: boolean } = {}): (
  event: TrainingEvent,
) => readonly string[] {
  const ranks = new Map<number | undefined, (event: TrainingEvent) => readonly string[]>();
  let run: RunStarted | null = null;
  if (!allRanks) {
    const lines = linesOfOne();
    return (event) => (isOfAnother(event) ? [] : lines(event));
  }
  return (event) => {
    if (event.type === 'run-started') run = event;
    const lines = ranks.get(event.rank) ?? linesOfOne(run);
    ranks.set(event.rank, lines);
    const said = lines(event);
    return event.rank === undefined ? said : said.map((line) => `[${event.rank}] ${line}`);
  };
}

/** What the other ranks do alike. */
const ALIKE: ReadonlySet<TrainingEvent['type']> = new Set([
  'compile-started',
  'compile-finished',
  'checkpoint-loaded',
  'checkpoint-saving',
  'checkpoint-saved',
  'checkpoint-pruned',
]);

function isOfAnother({ type, rank = 0 }: TrainingEvent): boolean {
  return rank > 0 && ALIKE.has(type);
}

/** The lines of one rank, or of the run. */
function linesOfOne(begun: RunStarted | null = null): (event: TrainingEvent) => readonly string[] {
  let run = begun;
  let losses = nothing;
  let times = nothing;
  let rounds = 0;

  const onStep = (step: Step): readonly string[] => {
    if (run === null) return [];
    losses = plus(step.stepInEpoch === 1 ? nothing : losses, step.loss);
    times = plus(times, step.stepMs);
    if (times.count < (run.sinkSize ?? 1)) return [];
    const stepMs = mean(times);
    times = nothing;
    rounds += 1;
    return rounds % Math.max(1, run.printEvery) === 0 ? stepLines(step, { run, meanLoss: mean(losses), stepMs }) : [];
  };

  return (event) => {
    if (event.type === 'run-started') run = event;
    return event.type === 'step' ? onStep(event) : plainLines(event, run);
  };
}

/** Numbers of which only the mean is wanted. */
interface Total {
  readonly sum: number;
  readonly count: number;
}

const nothing: Total = { sum: 0, count: 0 };

function plus({ sum, count }: Total, value: number): Total {
  return { sum: sum + value, count: count + 1 };
}

function mean({ sum, count }: Total): number {
  return sum / count;
}

function plainLines(event: Exclude<TrainingEvent, Step>, run: RunStarted | null): readonly string[] {
  switch (event.type) {
    case 'run-started':
      return [startedLine(event)];
    case 'rank-started':
    case 'rank-exited':
    case 'stall':
      return [];
    case 'compile-started':
      return ['.........Model Compiling, Please Wait a Moment...........'];
    case 'compile-finished':
      return [
        `compiled ${event.parameters} parameters, ${event.operators} operators in ${event.segments} segments, ${Math.round(event.ms)} ms`,
      ];
    case 'resume-decided':
      return resumeLines(event);
    case 'checkpoint-loaded':
      return [`loaded ${event.path} (${megabytes(event.bytes)}, ${(event.ms / 1000).toFixed(3)} seconds)`];
    case 'data-skipped':
      return skipLines(event.steps, event.repeated, event.leftOut);
    case 'checkpoint-saving':
      return [
        '......Saving ckpt......',
        ...(run ? [`global_batch_size: ${run.globalBatchSize}`] : []),
        `epoch_num: ${event.epoch}`,
        `step_num: ${event.step}`,
        `global_step: ${event.globalStep}`,
      ];
    case 'checkpoint-saved':
      return savedLines(event);
    case 'strategy-saved':
      return [`strategy saved: ${event.path}`];
    case 'transform-planned':
      return [
        `transform ${event.source} to ${event.destination}: ${event.files} files, ${megabytes(event.writeBytes)}`,
      ];
    case 'transform-progress':
      return [];
    case 'transform-finished':
      return [`transformed ${megabytes(event.writtenBytes)} in ${(event.ms / 1000).toFixed(3)} seconds`];
    case 'checkpoint-pruned':
      return [`removed ${event.path}: ${event.reason}`];
    case 'checkpoint-rejected':
      return [`${event.path}: ${event.reason}`];
    case 'rank-lost':
      return [lostLine(event)];
    case 'warning':
      return [`warning: ${event.place === '' ? '' : `${event.place}: `}${event.message}`];
    case 'run-finished':
      return ['.........Training Over!.............'];
    case 'run-failed':
      return [`error: ${event.message}`];
  }
}

function startedLine({ mode, worldSize, totalSteps, stepsPerEpoch, globalBatchSize }: RunStarted): string {
  const ranks = worldSize === 1 ? '1 simulated NPU' : `${worldSize} simulated NPUs`;
  return `${mode}: ${totalSteps} steps, ${stepsPerEpoch} an epoch, global batch size ${globalBatchSize}, ${ranks}`;
}

function resumeLines({ from, epoch, step, stepScale, reasons }: ResumeDecided): readonly string[] {
  const rejected = reasons.filter(({ verdict }) => verdict === 'rejected').map(({ file, why }) => `${file}: ${why}`);
  if (from === null) return rejected;
  return [
    ...rejected,
    `Get resume checkpoint: ${from}`,
    `initial epoch: ${epoch}`,
    `initial step: ${step}`,
    `step scale: ${stepScale.toFixed(6)}`,
  ];
}

function skipLines(steps: number, repeated: number, leftOut: number): readonly string[] {
  const said = steps > 0 ? `dataset skip ${steps} steps.` : 'ignore dataset skip.';
  if (repeated === 0 && leftOut === 0) return [said];
  return [said, `of this epoch ${repeated} rows are trained again and ${leftOut} are left out`];
}

function savedLines({ path, network, ms }: CheckpointSaved): readonly string[] {
  const [, epoch = '?', step = '?'] = /-(\d+)_(\d+)\.\w+$/.exec(path) ?? [];
  const seconds = (ms / 1000).toFixed(3);
  const line = (what: string): string =>
    `Finish saving ${what} of epoch ${epoch} step ${step} using ${seconds} seconds`;
  return network === null ? [line('ckpt')] : [line('ckpt'), line('network')];
}

function lostLine({ rank, exitCode, signal, lastStep, lastWords }: RankLost): string {
  const how = signal === null ? `exit code ${exitCode}` : signal;
  const when = lastStep === null ? 'before its first step' : `after step ${lastStep}`;
  return `rank ${rank ?? '?'} was lost ${when} (${how})${lastWords === '' ? '' : `: ${lastWords}`}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

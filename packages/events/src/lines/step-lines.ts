import type { RunStarted, Step } from '../events.ts';
import { float32Text } from './float32-text.ts';

/** Characters of the bar. */
const BAR = 50;

/** What a step's lines say beside the step itself. */
export interface StepContext {
  readonly run: RunStarted;
  /** Mean loss of the steps of this epoch so far; shown when data sinking is off. */
  readonly meanLoss: number;
  /** Milliseconds a step, averaged over a sink. */
  readonly stepMs: number;
}

/** The two lines of a step in the fields and order of MindFormers (mindformers-behaviour §7). */
export function stepLines(step: Step, { run, meanLoss, stepMs }: StepContext): readonly string[] {
  const { epochs, stepsPerEpoch, globalBatchSize, worldSize, seqLength, sinkSize } = run;
  const pad = (value: number, width: number): string => String(value).padStart(width);
  const current = threeDecimals(step.loss);
  const loss = sinkSize === null ? `loss:[${current}/${threeDecimals(meanLoss)}]` : `loss: ${current}`;
  const first = [
    `{ Epoch:[${pad(step.epoch, 3)}/${pad(epochs, 3)}]`,
    `step:[${pad(step.stepInEpoch, 5)}/${pad(stepsPerEpoch, 5)}]`,
    loss,
    `per_step_time: ${Math.round(stepMs)}ms`,
    `lr: ${float32Text(step.lr)}`,
    `overflow cond: ${step.overflow ? 'True' : 'False'}`,
    `loss_scale: ${float32Text(step.lossScale)}`,
    `global_norm: [${float32Text(step.globalNorm)}]`,
  ];
  const part = ((step.epoch - 1) * stepsPerEpoch + step.stepInEpoch) / epochs / stepsPerEpoch;
  const filled = Math.min(BAR, Math.floor(part * BAR));
  const samplesPerSec = globalBatchSize / worldSize / (stepMs / 1000);
  const remainingSteps = Math.max(0, (epochs - step.epoch + 1) * stepsPerEpoch - step.stepInEpoch);
  const second = [
    `  ${(part * 100).toFixed(1).padStart(4)}%`,
    `|${'█'.repeat(filled)}${' '.repeat(BAR - filled)}|`,
    `${samplesPerSec.toFixed(5)} samples/s/p `,
    `${Math.round(samplesPerSec * seqLength)} tokens/s/p `,
    `${duration((remainingSteps * stepMs) / 1000)} }`,
  ];
  return [first.join(', '), second.join(' ')];
}

/** As Python's `%5.3f`. */
function threeDecimals(value: number): string {
  return (Number.isFinite(value) ? value.toFixed(3) : float32Text(value)).padStart(5);
}

/** H:MM:SS */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

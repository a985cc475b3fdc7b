import type { Step } from '@cairn/events';
import { eventLines } from '@cairn/events/lines';
import progress from 'cli-progress';
import type { Output } from '../output.ts';
import { lossCurve } from './loss-curve.ts';
import type { RunView } from './run-view.ts';

/** A progress bar while steps are taken, the lines of everything else above it, and at the end the loss curve. */
export function terminalView(output: Output): RunView {
  const lines = eventLines({ allRanks: output.allRanks });
  const steps: Step[] = [];
  const bar = new progress.SingleBar(
    { format: barFormat, stream: process.stderr, hideCursor: true, clearOnComplete: true, fps: 20 },
    progress.Presets.shades_classic,
  );
  let total = 0;
  const say = (text: string): void => {
    if (total > 0) bar.stop();
    output.say(text);
    if (total > 0) bar.start(total, steps.at(-1)?.step ?? 0, payloadOf(steps.at(-1)));
  };
  return {
    show(event) {
      const told = lines(event);
      switch (event.type) {
        case 'run-started':
          told.forEach(say);
          total = event.totalSteps;
          bar.start(total, 0, payloadOf(undefined));
          break;
        case 'step':
          steps.push(event);
          bar.update(event.step, payloadOf(event));
          break;
        case 'checkpoint-saving':
        case 'compile-started':
          break;
        case 'run-finished':
        case 'run-failed':
          bar.stop();
          total = 0;
          if (lossCurve(steps) !== '') output.say(lossCurve(steps));
          told.forEach(say);
          break;
        default:
          told.forEach(say);
      }
    },
    close: () => bar.stop(),
  };
}

interface Payload {
  readonly loss: string;
  readonly rate: string;
}

function payloadOf(step: Step | undefined): Payload {
  if (step === undefined) return { loss: '', rate: '' };
  return { loss: `loss ${step.loss.toFixed(3)}`, rate: `${Math.round(step.tokensPerSec)} tokens/s` };
}

function barFormat(
  options: Parameters<typeof progress.Format.BarFormat>[1],
  params: { progress: number; value: number; total: number },
  { loss, rate }: Payload,
): string {
  const drawn = progress.Format.BarFormat(params.progress, options);
  return `${drawn} step ${params.value}/${params.total}  ${loss}  ${rate}`;
}

import { eventLines } from '@cairn/events/lines';
import asciichart from 'asciichart';
import progress from 'cli-progress';
import type { Output } from '../output.ts';
import type { RunView } from './run-view.ts';

const CURVE_WIDTH = 60;
const CURVE_HEIGHT = 8;

/** A progress bar while steps are taken, the lines of everything else above it, and at the end the loss curve. */
export function terminalView(output: Output): RunView {
  const lines = eventLines();
  const losses: number[] = [];
  const bar = new progress.SingleBar(
    { format: barFormat, stream: process.stderr, hideCursor: true, clearOnComplete: true, fps: 20 },
    progress.Presets.shades_classic,
  );
  let total = 0;
  const say = (text: string): void => {
    if (total > 0) bar.stop();
    output.say(text);
    if (total > 0) bar.start(total, losses.length, { loss: losses.at(-1)?.toFixed(3) ?? '', rate: '' });
  };
  return {
    show(event) {
      const told = lines(event);
      switch (event.type) {
        case 'run-started':
          told.forEach(say);
          total = event.totalSteps;
          bar.start(total, 0, { loss: '', rate: '' });
          break;
        case 'step':
          losses.push(event.loss);
          bar.update(event.step, { loss: event.loss.toFixed(3), rate: `${Math.round(event.tokensPerSec)} tokens/s` });
          break;
        case 'checkpoint-saving':
        case 'compile-started':
          break;
        case 'run-finished':
        case 'run-failed':
          bar.stop();
          total = 0;
          if (losses.length > 1) output.say(lossCurve(losses));
          told.forEach(say);
          break;
        default:
          told.forEach(say);
      }
    },
    close: () => bar.stop(),
  };
}

function barFormat(
  options: Parameters<typeof progress.Format.BarFormat>[1],
  params: { progress: number; value: number; total: number },
  payload: { loss: string; rate: string },
): string {
  const drawn = progress.Format.BarFormat(params.progress, options);
  return `${drawn} step ${params.value}/${params.total}  loss ${payload.loss}  ${payload.rate}`;
}

/** The losses as a curve of text, averaged down to the width of a terminal. */
function lossCurve(losses: readonly number[]): string {
  const columns = Math.min(CURVE_WIDTH, losses.length);
  const points = Array.from({ length: columns }, (_, i) => {
    const part = losses.slice(
      Math.floor((i * losses.length) / columns),
      Math.floor(((i + 1) * losses.length) / columns),
    );
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  });
  return `loss over ${losses.length} steps\n${asciichart.plot(points, { height: CURVE_HEIGHT })}`;
}

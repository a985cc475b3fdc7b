import type { Step } from '@cairn/events';
import asciichart from 'asciichart';

const COLUMNS = 60;
const LINES = 8;

/** The losses of some steps as a curve of text, averaged down to the width of a terminal; steps that overflowed are left out. */
export function lossCurve(steps: readonly Step[]): string {
  const losses = steps.map(({ loss }) => loss).filter((loss) => Number.isFinite(loss));
  const [first, last] = [steps[0]?.step ?? 0, steps.at(-1)?.step ?? 0];
  if (losses.length < 2) return '';
  const columns = Math.min(COLUMNS, losses.length);
  const points = Array.from({ length: columns }, (_, column) => {
    const part = losses.slice(
      Math.floor((column * losses.length) / columns),
      Math.floor(((column + 1) * losses.length) / columns),
    );
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  });
  return `loss, steps ${first} to ${last}\n${asciichart.plot(points, { height: LINES })}`;
}

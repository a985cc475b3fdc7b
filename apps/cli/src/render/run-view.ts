import type { TrainingEvent } from '@cairn/events';
import { eventLines } from '@cairn/events/lines';
import type { Output } from '../output.ts';

/** Something that shows a run while it happens. */
export interface RunView {
  show(event: TrainingEvent): void;
  close(): void;
}

/** On a terminal a progress bar and at the end the loss curve; elsewhere MindFormers' lines. Errors are always said. */
export async function runView(output: Output): Promise<RunView> {
  if (!output.terminal) return linesView(output);
  const { terminalView } = await import('./terminal-view.ts');
  return terminalView(output);
}

function linesView({ quiet, allRanks }: Output): RunView {
  const lines = eventLines({ allRanks });
  return {
    show(event) {
      const told = lines(event);
      if (!quiet || event.type === 'run-failed') for (const line of told) process.stderr.write(`${line}\n`);
    },
    close() {},
  };
}

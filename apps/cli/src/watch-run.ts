import type { TrainingEvent } from '@cairn/events';
import { encodeEvent } from '@cairn/events';
import { lastValueFrom, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Output } from './output.ts';
import { runView } from './render/run-view.ts';

/** Shows a run and gives the exit code it ends with. */
export async function watchRun(events: Observable<TrainingEvent>, output: Output): Promise<number> {
  const view = await runView(output);
  const shown = events.pipe(
    tap((event) => {
      if (output.json) output.data(encodeEvent(event));
      view.show(event);
    }),
  );
  const last = await lastValueFrom(shown);
  view.close();
  return last.type === 'run-failed' ? last.exitCode : 0;
}

import path from 'node:path';
import type { ConfigInput } from '@cairn/config';
import { parseConfig } from '@cairn/config';
import type { TrainingEvent } from '@cairn/events';
import { concat, defer, EMPTY, from, switchMap, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { run } from './run.ts';
import type { RunOptions } from './run.ts';
import { saveSettingsOf } from './settings/save-settings.ts';

/**
 * Runs what a configuration describes, and again when a rank was lost: from the checkpoint that this launch saved last,
 * or from where the first attempt began when it saved none. Each attempt is a run with an id and an end of its own.
 *
 * @param maxRestarts most attempts after the first
 */
export function runWithRestarts(
  input: ConfigInput,
  options: Omit<RunOptions, 'runId'> & { readonly maxRestarts: number },
): Observable<TrainingEvent> {
  const saves = savesOfAll();
  const attempt = (restarts: number): Observable<TrainingEvent> => {
    let isLost = false;
    const isFirst = restarts === 0;
    const launch = { ...options.launch, keepLogs: options.launch?.keepLogs === true || !isFirst };
    const begun = saves.isWhole() ? resumed(input, options.cwd ?? process.cwd()) : Promise.resolve(input);
    const events = from(begun).pipe(
      switchMap((from) => run(from, options.launch === undefined ? options : { ...options, launch })),
      tap((event) => {
        saves.note(event);
        isLost = event.type === 'run-failed' && event.code === 'rank-lost';
      }),
    );
    const next = defer(() => (isLost && restarts < options.maxRestarts ? attempt(restarts + 1) : EMPTY));
    return concat(events, next);
  };
  return defer(() => attempt(0));
}

/** Whether some step was saved by all ranks. */
function savesOfAll(): { note(event: TrainingEvent): void; isWhole(): boolean } {
  const ranksOf = new Map<number, Set<number>>();
  let worldSize = Infinity;
  let isWhole = false;
  return {
    isWhole: () => isWhole,
    note(event) {
      if (event.type === 'run-started') worldSize = event.worldSize;
      if (event.type !== 'checkpoint-saved') return;
      const ranks = ranksOf.get(event.step) ?? new Set();
      ranksOf.set(event.step, ranks.add(event.rank ?? 0));
      isWhole ||= ranks.size >= worldSize;
    },
  };
}

/** The same configuration, resuming from what its output folder holds. */
async function resumed(input: ConfigInput, cwd: string): Promise<ConfigInput> {
  const parsed = await parseConfig(input);
  const save = parsed.ok ? saveSettingsOf(parsed.config) : null;
  if (save === null) return input;
  const set = (name: string, value: string | boolean) => ({
    path: [name],
    value,
    flag: '--max_restarts',
    parents: 'create' as const,
  });
  const folder = path.resolve(cwd, save.folder, 'checkpoint');
  const again = [set('load_checkpoint', folder), set('resume_training', true), set('auto_trans_ckpt', false)];
  return { ...input, overrides: [...(input.overrides ?? []), ...again] };
}

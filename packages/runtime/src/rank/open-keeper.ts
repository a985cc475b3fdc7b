import { sweepDrafts } from '@cairn/storage';
import { backgroundWriter } from '../workers/background-writer.ts';
import type { Begun } from './begin-run.ts';
import { savedBytes } from './checkpoint-entries.ts';
import type { ContentRules } from './checkpoint-entries.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { waitingWriter } from './checkpoint-writer.ts';
import type { RankRun } from './rank-run.ts';
import type { RankState } from './rank-state.ts';
import type { RunSetup } from './run-setup.ts';

/** What keeps this rank's checkpoints; null when none are configured. What a crash left unfinished is removed. */
export async function openKeeper(
  run: RankRun,
  setup: RunSetup,
  begun: Begun,
  state: RankState,
): Promise<CheckpointKeeper | null> {
  const rules = contentRules(setup, begun);
  if (rules === null) return null;
  const root = setup.paths.output(rules.settings.folder);
  for (const path of sweepDrafts(root)) {
    const reason = 'an unfinished file of a run that is gone was removed';
    run.emit({ type: 'checkpoint-rejected', path, reason });
  }
  return CheckpointKeeper.open({
    ...rules,
    root,
    writer: rules.settings.inBackground ? backgroundWriter(savedBytes(state, rules)) : waitingWriter(),
    world: run.world,
    span: begun.span,
    globalBatchSize: setup.sizes.globalBatchSize,
    seal: setup.seal,
    runId: run.runId,
    parentRun: begun.side?.runId ?? null,
    emit: run.emit,
    nowMs: () => Date.now(),
  });
}

/** Bytes of the copy that saves in the background are written from. */
export function snapshotBytes(setup: RunSetup, begun: Begun, state: RankState): number {
  const rules = contentRules(setup, begun);
  return rules?.settings.inBackground ? savedBytes(state, rules) : 0;
}

function contentRules({ save, expected }: RunSetup, { rules }: Begun): ContentRules | null {
  return save && { settings: save, expected, dynamicLossScale: rules.lossScale.kind === 'dynamic' };
}

import type { CheckpointReading, CheckpointStart } from '../rank/checkpoint-reading.ts';
import { startFiles } from '../rank/checkpoint-reading.ts';
import { stagedCheckpoint } from '../rank/read-tensors.ts';
import type { SealSettings } from '../rank/sealed-files.ts';
import { CheckpointThread } from './checkpoint-thread.ts';

/** Begins to read checkpoints on a thread of their own; this one may compile meanwhile (`load_ckpt_async`). */
export function readInBackground(start: CheckpointStart, seal: SealSettings | null): CheckpointReading {
  const thread = new CheckpointThread();
  const resumes = start.kind === 'resume';
  const read = thread.ask('read', { files: startFiles(start), seal, resumes });
  // What went wrong is told by `ready`, which may come later.
  read.catch(() => undefined);
  return {
    resumes,
    async ready() {
      const { checkpoints, ms } = await read;
      return { checkpoints: checkpoints.map(stagedCheckpoint), ms };
    },
    close: () => thread.close(),
  };
}

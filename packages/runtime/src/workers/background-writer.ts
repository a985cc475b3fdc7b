import type { CheckpointWriter } from '../rank/checkpoint-writer.ts';
import { CheckpointThread } from './checkpoint-thread.ts';
import { Snapshot } from './snapshot.ts';

/**
 * Writes saves on a thread of their own, from a copy of the state: the device blocks this one while it computes.
 *
 * @param bytes of the largest save
 */
export function backgroundWriter(bytes: number): CheckpointWriter {
  const snapshot = new Snapshot(bytes);
  const thread = new CheckpointThread();
  return {
    inBackground: true,
    write: ({ save, ...order }) =>
      thread.ask('save', { ...order, save: { ...save, contents: snapshot.take(save.contents) } }),
    close: () => thread.close(),
  };
}

import type { SaveOrder, WrittenSave } from '../rank/checkpoint-writer.ts';
import type { ReadOrder, ReadProgress } from '../rank/read-tensors.ts';
import type { Save } from '../rank/save-checkpoint.ts';
import type { SentError } from './sent-error.ts';
import type { StagedContents } from './snapshot.ts';

/** A save whose contents lie in a shared buffer. */
interface StagedSaveOrder extends Omit<SaveOrder, 'save'> {
  readonly save: Omit<Save, 'contents'> & { readonly contents: StagedContents };
}

/** What the checkpoint thread can be asked for, and what it answers. */
export interface ThreadTasks {
  readonly save: { readonly order: StagedSaveOrder; readonly progress: never; readonly answer: WrittenSave };
  readonly read: { readonly order: ReadOrder; readonly progress: ReadProgress; readonly answer: void };
}

export type ThreadTask = keyof ThreadTasks;

/** One message to the thread. */
export type ThreadOrder = {
  [Task in ThreadTask]: { readonly task: Task; readonly order: ThreadTasks[Task]['order'] };
}[ThreadTask];

/** One message from the thread: about the oldest order that has no answer yet. */
export type ThreadAnswer =
  | { readonly kind: 'progress'; readonly progress: ThreadTasks[ThreadTask]['progress'] }
  | { readonly kind: 'done'; readonly answer: ThreadTasks[ThreadTask]['answer'] }
  | { readonly kind: 'failed'; readonly error: SentError };

/** Messages are copied, and buffers in them shared; none changes its owner. */
export const NOTHING_MOVED: readonly [] = [];

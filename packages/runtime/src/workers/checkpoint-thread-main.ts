/**
 * The program of the checkpoint thread: does what it is ordered, one after another, while the thread that trains computes.
 */
import { parentPort } from 'node:worker_threads';
import { writeSave } from '../rank/checkpoint-writer.ts';
import { readTensors } from '../rank/read-tensors.ts';
import { sentError } from './sent-error.ts';
import { stagedContents } from './snapshot.ts';
import { NOTHING_MOVED } from './thread-orders.ts';
import type { ThreadAnswer, ThreadOrder, ThreadTask, ThreadTasks } from './thread-orders.ts';

function perform({ task, order }: ThreadOrder): Promise<ThreadTasks[ThreadTask]['answer']> {
  switch (task) {
    case 'save':
      return writeSave({ ...order, save: { ...order.save, contents: stagedContents(order.save.contents) } });
    case 'read':
      return readTensors(order, (progress) => say({ kind: 'progress', progress }));
  }
}

function say(answer: ThreadAnswer): void {
  parentPort?.postMessage(answer, NOTHING_MOVED);
}

async function answerTo(order: ThreadOrder): Promise<ThreadAnswer> {
  try {
    return { kind: 'done', answer: await perform(order) };
  } catch (error) {
    return { kind: 'failed', error: sentError(error) };
  }
}

let before: Promise<void> = Promise.resolve();
parentPort?.on('message', (order: ThreadOrder) => {
  before = before.then(async () => say(await answerTo(order)));
});

import { Worker } from 'node:worker_threads';
import { RunError } from '../run-error.ts';
import { receivedError } from './sent-error.ts';
import { NOTHING_MOVED } from './thread-orders.ts';
import type { ThreadAnswer, ThreadTask, ThreadTasks } from './thread-orders.ts';

/** Node runs what was built, also when this file itself is run as source. */
const PROGRAM = new URL('./checkpoint-thread-main.js', import.meta.url).href.replace('/src/workers/', '/dist/workers/');

interface Waiting {
  readonly progress: (progress: ThreadTasks[ThreadTask]['progress']) => void;
  readonly resolve: (answer: ThreadTasks[ThreadTask]['answer']) => void;
  readonly reject: (error: Error) => void;
}

/** A thread for reading and writing checkpoints. It keeps the process alive only while it has something to do. */
export class CheckpointThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #ended: Error | null = null;

  constructor() {
    this.#worker = new Worker(new URL(PROGRAM), { execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (answer: ThreadAnswer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', (code) => this.#end(new RunError('bug', 1, `the checkpoint thread ended with ${code}`)));
  }

  /**
   * Has something done; orders are carried out in their order.
   *
   * @param progress hears how far it is
   */
  ask<Task extends ThreadTask>(
    task: Task,
    order: ThreadTasks[Task]['order'],
    progress: (progress: ThreadTasks[Task]['progress']) => void = () => undefined,
  ): Promise<ThreadTasks[Task]['answer']> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    this.#worker.ref();
    this.#worker.postMessage({ task, order }, NOTHING_MOVED);
    // What comes is about the oldest order, so this one's progress and answer have its types.
    return new Promise((resolve, reject) => this.#waiting.push({ progress, resolve, reject }));
  }

  /** Ends the thread, whatever it is doing. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(answer: ThreadAnswer): void {
    if (answer.kind === 'progress') return this.#waiting[0]?.progress(answer.progress);
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    if (answer.kind === 'done') waiting?.resolve(answer.answer);
    else waiting?.reject(receivedError(answer.error));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}

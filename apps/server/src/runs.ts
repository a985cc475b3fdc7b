import { HttpError } from './http-error.ts';
import { StartedRun } from './started-run.ts';
import type { RunOrder } from './started-run.ts';

/** The runs of one server, in the order of their start. Those of an earlier server are not known. */
export class Runs {
  readonly #folder: string;
  readonly #runs = new Map<string, StartedRun>();
  #closing = false;

  /** @param folder where relative paths of configurations start from */
  constructor(folder: string) {
    this.#folder = folder;
  }

  start(order: RunOrder): StartedRun {
    if (this.#closing)
      throw new HttpError(503, 'shutting-down', 'this server is shutting down: start the run elsewhere');
    const run = new StartedRun(order, this.#folder);
    this.#runs.set(run.origin.runId, run);
    return run;
  }

  list(): readonly StartedRun[] {
    return [...this.#runs.values()];
  }

  /** @throws HttpError 404 when there is none with this id */
  find(runId: string): StartedRun {
    const run = this.#runs.get(runId);
    if (run !== undefined) return run;
    throw new HttpError(404, 'run-unknown', `this server has started no run ${runId}: GET /runs lists them`);
  }

  /** Stops every run and waits until their processes are gone; nothing starts any more. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const run of this.list()) run.stop();
    await Promise.all(this.list().map((run) => run.ended()));
  }
}

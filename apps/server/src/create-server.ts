import path from 'node:path';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { guardAccess } from './access.ts';
import { answerError, answerErrors } from './answer-errors.ts';
import { closeWithRuns } from './close-with-runs.ts';
import { addListRuns } from './routes/list-runs.ts';
import { addShowRun } from './routes/show-run.ts';
import { addStartRun } from './routes/start-run.ts';
import { addStopRun } from './routes/stop-run.ts';
import { addStreamEvents } from './routes/stream-events.ts';
import { Runs } from './runs.ts';

export interface ServerOptions {
  /** Where relative paths start from, those inside configurations too. */
  readonly folder: string;
  /** What every request must show. */
  readonly token: string;
  /** A name, beside localhost and any IP address, under which the server may be asked. */
  readonly hostName?: string;
  /** Silence on an event stream after which a comment is sent. */
  readonly heartbeatMs?: number;
}

/** A body holds one configuration, which has at most 262,144 characters. */
const MAX_BODY_BYTES = 2 ** 20;
/** A request that has not arrived whole by then is given up. */
const REQUEST_MS = 30_000;
const HEARTBEAT_MS = 15_000;

/** The HTTP API over runs, not yet listening. Closing it stops every run and waits for their processes. */
export function createServer({ folder, token, hostName = 'localhost', heartbeatMs }: ServerOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: true,
    frameworkErrors: answerError,
  });
  app.removeContentTypeParser('text/plain');
  answerErrors(app);
  guardAccess(app, { token, hostName });
  const root = path.resolve(folder);
  const runs = new Runs(root);
  closeWithRuns(app, runs);
  addStartRun(app, runs, root);
  addListRuns(app, runs);
  addShowRun(app, runs);
  addStopRun(app, runs);
  addStreamEvents(app, runs, heartbeatMs ?? HEARTBEAT_MS);
  return app;
}

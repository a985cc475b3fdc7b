import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Runs } from './runs.ts';

/** At the end, clients have this long to take the last events. */
const GRACE_MS = 2000;

/**
 * Makes a server stop its runs when it is closed, so that open event streams tell it and end by themselves. Then all
 * connections are cut (`forceCloseConnections`): those of clients that take nothing, and those browsers keep in reserve.
 */
export function closeWithRuns(app: FastifyInstance, runs: Runs): void {
  const underWay = new Set<ServerResponse>();
  app.addHook('onRequest', async (_request, { raw }) => {
    underWay.add(raw);
    raw.once('close', () => underWay.delete(raw));
  });
  app.addHook('preClose', async () => {
    await runs.close();
    const signal = AbortSignal.timeout(GRACE_MS);
    await Promise.allSettled([...underWay].map((response) => once(response, 'close', { signal })));
  });
}

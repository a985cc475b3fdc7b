import type { FastifyInstance } from 'fastify';
import { readRunOrder } from '../read-run-order.ts';
import type { Runs } from '../runs.ts';

/** POST /runs: starts a run. */
export function addStartRun(app: FastifyInstance, runs: Runs, folder: string): void {
  app.post('/runs', async ({ body }, reply) => {
    const { status } = runs.start(await readRunOrder(body, folder));
    return reply.code(201).header('location', `/runs/${status.runId}`).send(status);
  });
}

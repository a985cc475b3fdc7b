import type { FastifyInstance } from 'fastify';
import type { Runs } from '../runs.ts';

/** POST /runs/:id/stop: stops a run after the step under way; 202 as long as it has not ended, then 200. */
export function addStopRun(app: FastifyInstance, runs: Runs): void {
  app.post<{ Params: { id: string } }>('/runs/:id/stop', async ({ params }, reply) => {
    const run = runs.find(params.id);
    run.stop();
    const { status } = run;
    return reply.code(status.stopping ? 202 : 200).send(status);
  });
}

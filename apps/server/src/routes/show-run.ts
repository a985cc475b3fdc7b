import type { FastifyInstance } from 'fastify';
import type { Runs } from '../runs.ts';

/** GET /runs/:id: how far a run has come. */
export function addShowRun(app: FastifyInstance, runs: Runs): void {
  app.get<{ Params: { id: string } }>('/runs/:id', ({ params }) => runs.find(params.id).status);
}

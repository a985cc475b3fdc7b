import type { FastifyInstance } from 'fastify';
import type { Runs } from '../runs.ts';

/** GET /runs: every run of this server. */
export function addListRuns(app: FastifyInstance, runs: Runs): void {
  app.get('/runs', () => ({ runs: runs.list().map(({ status }) => status) }));
}

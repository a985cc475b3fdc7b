import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { eventStream } from '../event-stream.ts';
import { HttpError } from '../http-error.ts';
import type { Runs } from '../runs.ts';

/** GET /runs/:id/events: the events of a run as they happen, from the beginning or after Last-Event-ID. */
export function addStreamEvents(app: FastifyInstance, runs: Runs, heartbeatMs: number): void {
  app.get<{ Params: { id: string } }>('/runs/:id/events', async ({ params, headers }, reply) => {
    const run = runs.find(params.id);
    const after = lastSeqOf(headers['last-event-id'], params.id);
    const { end } = run.latest;
    // A client that has everything would come back for ever; 204 tells an EventSource not to.
    if (end !== null && after >= end.seq) return reply.code(204).send();
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const text = eventStream(run, { after, heartbeatMs, signal: gone.signal });
    return reply
      .headers({ 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no', connection: 'close' })
      .send(Readable.from(text));
  });
}

/** The number in `runId:seq`; -1 when the client has no event yet. */
function lastSeqOf(header: string | string[] | undefined, runId: string): number {
  if (header === undefined || header === '') return -1;
  const seq = /^(.+):(\d{1,15})$/.exec(String(header));
  if (seq?.[1] === runId) return Number(seq[2]);
  throw new HttpError(400, 'event-id-invalid', `Last-Event-ID of this run is ${runId}:NUMBER; got "${String(header)}"`);
}

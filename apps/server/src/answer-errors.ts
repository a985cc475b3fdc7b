import { failureOf, isRunError } from '@cairn/runtime';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpError, isHttpError } from './http-error.ts';

/** Makes every error of a server an answer of the form `{ code, message }`. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request) => {
    throw new HttpError(
      404,
      'route-unknown',
      `there is no ${request.method} ${pathOf(request)}: see the table of routes`,
    );
  });
}

/** Answers one error; also for those that Fastify meets before a route is found. */
export function answerError(error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  const { status, code, message, details } = isHttpError(error) ? error : httpErrorOf(error);
  void reply.code(status).send({ code, message, ...details });
}

/** The path alone: the query may hold the token. */
function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}

function httpErrorOf(error: unknown): HttpError {
  // Fastify's own errors carry a status; nothing else does.
  const status = error instanceof Error && 'statusCode' in error ? (error as FastifyError).statusCode : undefined;
  if (error instanceof Error && status !== undefined && status >= 400 && status < 500) {
    if (status === 413) return new HttpError(status, 'body-too-large', `${error.message}: at most 1 MiB is read`);
    if (status === 415)
      return new HttpError(status, 'not-json', 'send the body as JSON, with content-type: application/json');
    return new HttpError(status, 'request-invalid', error.message);
  }
  if (isRunError(error) && error.code === 'config-missing') return new HttpError(422, error.code, error.message);
  return new HttpError(500, 'bug', failureOf(error).message);
}

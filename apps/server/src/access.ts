import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpError } from './http-error.ts';

/** A token nobody guesses: 256 random bits, fit for a header and a query. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export interface AccessRules {
  readonly token: string;
  /** A name, beside localhost and any IP address, under which the server may be asked. */
  readonly hostName: string;
}

/** Refuses every request that comes from another site, or without the token. */
export function guardAccess(app: FastifyInstance, { token, hostName }: AccessRules): void {
  const expected = digest(token);
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    checkHost(request, hostName);
    checkOrigin(request);
    const given = tokenOf(request);
    if (given !== null && timingSafeEqual(digest(given), expected)) return;
    void reply.header('www-authenticate', 'Bearer');
    if (given !== null)
      throw new HttpError(401, 'token-wrong', 'the token is not the one this server was started with');
    throw new HttpError(
      401,
      'token-missing',
      'send the token: "Authorization: Bearer TOKEN", or ?token=TOKEN with GET',
    );
  });
}

/**
 * A page of another site can make a name of its own lead here (DNS rebinding), and is then, to the browser, of one origin
 * with this server. It cannot do so with an address, nor with a name that is not its own.
 */
function checkHost({ headers }: FastifyRequest, hostName: string): void {
  const host = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (host === 'localhost' || host === hostName.toLowerCase() || isIP(address) !== 0) return;
  throw new HttpError(
    421,
    'wrong-host',
    `"${headers.host ?? ''}" is not a name of this server: use its address, or start it with --host NAME`,
  );
}

/** Browsers say which page asks; only the server's own pages may. */
function checkOrigin({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return;
  throw new HttpError(403, 'wrong-origin', `pages of ${origin} may not use this server`);
}

/** Of the header, or of the query where a header cannot be set (EventSource). */
function tokenOf(request: FastifyRequest): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
  if (bearer?.[1] !== undefined) return bearer[1];
  const asked = new URLSearchParams(request.method === 'GET' ? request.url.split('?')[1] : '');
  return asked.get('token');
}

/** Digests are of one length, as a comparison in constant time needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

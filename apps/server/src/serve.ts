import fs from 'node:fs';
import { RunError } from '@cairn/runtime';
import type { FastifyInstance } from 'fastify';
import { newToken } from './access.ts';
import { createServer } from './create-server.ts';

export interface ServeOptions {
  /** Where relative paths start from; must exist. */
  readonly folder: string;
  /** Address or name to listen on; 127.0.0.1 when absent. */
  readonly host?: string;
  /** Port to listen on; 0 or absent for any that is free. */
  readonly port?: number;
  /** What every request must show; a random one when absent. */
  readonly token?: string;
}

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  readonly token: string;
  /** Stops its runs, waits until their processes are gone, and stops listening. */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/**
 * Listens for requests.
 *
 * @throws RunError exit 2 when the folder, the token or the address cannot be used
 */
export async function serve({ folder, host, port = 0, token = newToken() }: ServeOptions): Promise<RunningServer> {
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new RunError('folder-missing', 2, `${folder} is not a folder: give one that exists`, { file: folder });
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new RunError('token-unfit', 2, 'a token is printable ASCII without spaces, and not empty');
  }
  // "localhost" would be two addresses and two sockets.
  const address = host === undefined || host === 'localhost' ? LOOPBACK : host;
  const app = createServer({ folder, token, hostName: address });
  const url = await listen(app, address, port);
  return { url, token, close: () => app.close() };
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw new RunError('cannot-listen', 2, whyNot(error, host, port), {}, { cause: error });
  }
}

function whyNot(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return `port ${port} of ${host} is in use: give another port, or 0 for any that is free`;
  if (code === 'EACCES') return `port ${port} of ${host} is reserved: give one above 1023, or 0 for any that is free`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is not an address of this computer`;
  return `cannot listen on port ${port} of ${host}: ${error instanceof Error ? error.message : String(error)}`;
}

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import os from 'node:os';
import type { Member } from './member.ts';

/** Where peers come in. */
export interface Door {
  readonly unix: string | null;
  readonly tcp: { readonly host: string; readonly port: number };
  close(): void;
}

/**
 * Listens for peers: on a Unix socket, and on a port for those of other hosts.
 *
 * @param host   address of this host that peers can reach
 * @param onPeer takes each connection
 */
export async function openDoor(host: string, onPeer: (socket: Socket) => void): Promise<Door> {
  // Names that begin with a zero byte are no files: nothing of them is left behind.
  const unix = process.platform === 'linux' ? `\0cairn-${randomBytes(16).toString('hex')}` : null;
  const servers = [net.createServer(onPeer), ...(unix === null ? [] : [net.createServer(onPeer)])];
  const [tcp, local] = servers;
  await listen(tcp!, { host, port: 0 });
  if (local !== undefined && unix !== null) await listen(local, { path: unix });
  // A server on a port has an address with one.
  const { port } = tcp!.address() as AddressInfo;
  return { unix, tcp: { host, port }, close: () => servers.forEach((server) => server.close()) };
}

/** Connects to a member's door; on one host by its Unix socket, where that can be reached. */
export async function knock(member: Member, signal: AbortSignal): Promise<Socket> {
  if (member.host === thisHost() && member.unix !== null) {
    try {
      return await connect({ path: member.unix }, signal);
    } catch {
      // Networks of one host may be apart.
      signal.throwIfAborted();
    }
  }
  return connect(member.tcp, signal);
}

/** This host, as no other is called. */
export function thisHost(): string {
  try {
    return `${os.hostname()} ${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
  } catch {
    return os.hostname();
  }
}

/** @throws the system's error, or the signal's reason */
export function connect(to: net.NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(to);
    const give = (): void => {
      signal.removeEventListener('abort', stop);
      socket.off('error', fail);
      resolve(socket);
    };
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      reject(error);
    };
    const stop = (): void => fail(signal.reason);
    socket.once('connect', give);
    socket.once('error', fail);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}

function listen(server: net.Server, where: net.ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, resolve);
  });
}

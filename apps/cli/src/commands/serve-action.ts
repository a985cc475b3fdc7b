import { once } from 'node:events';
import path from 'node:path';
import type { ServeOptions } from '@cairn/server';
import { serve } from '@cairn/server';
import { interruptSignal } from '../interrupt-signal.ts';
import type { OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';

/** Exit code of a command that was interrupted before it was done. */
const INTERRUPTED = 130;

/** Serves until SIGINT or SIGTERM, then stops the runs. @returns the exit code */
export async function serveCommand({ folder, ...flags }: ServeOptions & OutputFlags): Promise<number> {
  const output = processOutput(flags);
  const signal = interruptSignal();
  const server = await serve({ ...flags, folder: path.resolve(folder) });
  const { url, token } = server;
  output.data(
    output.json ? JSON.stringify({ url, token, folder: path.resolve(folder) }) : `listening on ${url}\ntoken: ${token}`,
  );
  if (!/^(?:127\.|localhost$|::1$)/.test(flags.host ?? 'localhost'))
    output.say('warning: other computers can reach this server, and HTTP shows them the token on the way');
  if (!signal.aborted) await once(signal, 'abort');
  output.say('stopping the runs; interrupt again to kill them');
  // Leaving by process.exit lets the launcher kill the rank processes; dying of the signal would not.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(INTERRUPTED));
  await server.close();
  return 0;
}

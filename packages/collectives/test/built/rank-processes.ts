import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const RANK = fileURLToPath(new URL('./rank.mjs', import.meta.url));
const OPERATOR = fileURLToPath(new URL('./operator.mjs', import.meta.url));
const RENDEZVOUS = fileURLToPath(new URL('./rendezvous.mjs', import.meta.url));

/** A process of a test, which is gone after it. */
export interface Process {
  readonly child: ChildProcess;
  /** The next thing it says. */
  says(): Promise<unknown>;
  readonly exited: Promise<number | null>;
}

/** Starts the rendezvous of a world as a process. */
export async function startRendezvous(size: number): Promise<Process & { readonly port: number }> {
  const process = start(RENDEZVOUS, [size]);
  return { ...process, port: Number(await process.says()) };
}

/** Starts all ranks of a world, and waits until they have made their first sum. */
export async function startRanks(size: number, port: number, deadlineMs: number, values: number): Promise<Process[]> {
  const ranks = Array.from({ length: size }, (_, rank) => start(RANK, [rank, size, port, deadlineMs, values]));
  await Promise.all(ranks.map((rank) => rank.says()));
  return ranks;
}

/** Starts ranks that do everything a group does, and then end. */
export function startOperators(size: number, port: number): Process[] {
  return Array.from({ length: size }, (_, rank) => start(OPERATOR, [rank, size, port]));
}

function start(program: string, args: readonly number[]): Process {
  const child = spawn(process.execPath, [program, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  return { child, exited, says: async () => JSON.parse(String((await lines.next()).value)) as unknown };
}

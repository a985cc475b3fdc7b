/**
 * The program of a scheduler: the ranks of a world find each other here, and nothing of it outlives who started it.
 *
 * Reads its order, a line of JSON, from standard input, and tells where it listens on descriptor 3. Then it reads lines
 * `guard GROUP` and `release GROUP`: when its input ends before a group is released, however that comes, the group is killed.
 */
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { serveRendezvous } from '@cairn/collectives';
import { signalGroup } from './process-group.ts';
import type { SchedulerAnswer, SchedulerOrder } from './start-scheduler.ts';

const ANSWERS = 3;

const groups = new Set<number>();

function answer(what: SchedulerAnswer): void {
  fs.writeSync(ANSWERS, `${JSON.stringify(what)}\n`);
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

async function open(order: SchedulerOrder): Promise<void> {
  const { clusterTimeoutMs: deadlineMs, ...rendezvous } = order;
  try {
    const { address } = await serveRendezvous({ ...rendezvous, deadlineMs: deadlineMs ?? Infinity, log });
    log(`process ${process.pid}: the scheduler of ${order.size} ranks listens on ${address.host}:${address.port}`);
    answer({ port: address.port });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log(`the scheduler cannot listen: ${why}`);
    answer({ why });
  }
}

function take(line: string): void {
  const [, verb, group] = /^(guard|release) (\d+)$/.exec(line) ?? [];
  if (verb === 'guard') groups.add(Number(group));
  else if (verb === 'release') groups.delete(Number(group));
}

// A person's interrupt reaches whole terminals; the ranks are to end before this does.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

let isOpen = false;
for await (const line of createInterface({ input: process.stdin })) {
  if (isOpen) take(line);
  // What this program's own parent wrote.
  else void open(JSON.parse(line) as SchedulerOrder);
  isOpen = true;
}
for (const group of groups) signalGroup(group, 'SIGKILL');
if (groups.size > 0) log(`who started this is gone: ${groups.size} ranks were killed`);
process.exit(0);

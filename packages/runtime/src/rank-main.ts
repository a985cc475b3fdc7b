/**
 * The program of a rank process: reads a RankOrder from standard input, trains, and writes RankMessages, one a line, to
 * descriptor 3, synchronously, so that they survive whatever kills the process next.
 */
import fs from 'node:fs';
import { aloneGroup } from '@cairn/collectives';
import { expectConfig, parseConfig } from '@cairn/config';
import type { ValidConfig } from '@cairn/config';
import type { RankMessage, RankOrder } from './rank-process.ts';
import { readConfigText } from './read-config-file.ts';
import { trainRank } from './rank/train-rank.ts';
import { failedBody } from './run.ts';

const MESSAGES = 3;

function say(message: RankMessage): void {
  const wire = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  fs.writeSync(MESSAGES, `${JSON.stringify(message, wire)}\n`);
}

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());

let valid: ValidConfig | null = null;
try {
  // What this program's own parent wrote.
  const order = JSON.parse(fs.readFileSync(0, 'utf8')) as RankOrder;
  const { cwd, runId } = order;
  const input = { ...order.input, readText: readConfigText };
  valid = expectConfig(await parseConfig(input));
  const emit = (body: Extract<RankMessage, { kind: 'event' }>['body']): void => say({ kind: 'event', body });
  const end = await trainRank({
    valid,
    runId,
    cwd,
    configFile: input.name,
    world: aloneGroup(),
    emit,
    signal: stop.signal,
  });
  say({ kind: 'done', ...end });
} catch (error) {
  const body = failedBody(error, valid);
  say({ kind: 'failed', body });
  process.exitCode = body.type === 'run-failed' ? body.exitCode : 1;
}

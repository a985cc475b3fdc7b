/**
 * The program of a rank process: reads a RankOrder from standard input, trains, and writes RankMessages, one a line, to
 * descriptor 3, synchronously, so that they survive whatever kills the process next. A rank that was launched says them in
 * words too: its standard output is its log.
 */
import fs from 'node:fs';
import { expectConfig, parseConfig } from '@cairn/config';
import type { ValidConfig } from '@cairn/config';
import type { EventBody } from '@cairn/events';
import { eventLines } from '@cairn/events/lines';
import { rankPlace } from '@cairn/launcher';
import { failedBody } from './failed-body.ts';
import { inWorld } from './hosts/launched-rank.ts';
import { encodeMessage } from './hosts/rank-message.ts';
import type { RankMessage, RankOrder } from './hosts/rank-message.ts';
import { trainRank } from './rank/train-rank.ts';
import { readConfigText } from './read-config-file.ts';

const MESSAGES = 3;

const place = rankPlace(process.env);
const lines = eventLines();

function say(message: RankMessage): void {
  fs.writeSync(MESSAGES, `${encodeMessage(message)}\n`);
}

function log(body: EventBody): void {
  if (place === null) return;
  for (const line of lines({ runId: '', seq: 0, atMs: 0, ...body })) process.stdout.write(`${line}\n`);
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
  const { signal } = stop;
  valid = expectConfig(await parseConfig(input));
  const run = { valid, runId, cwd, configFile: input.name, signal };
  const emit = (body: EventBody): void => {
    log(body);
    say({ kind: 'event', body });
  };
  const end = await inWorld(place, signal, (world) => trainRank({ ...run, world, emit }));
  log({ type: 'run-finished', ...end });
  say({ kind: 'done', ...end });
} catch (error) {
  const body = failedBody(error, valid);
  log(body);
  say({ kind: 'failed', body });
  process.exitCode = body.type === 'run-failed' ? body.exitCode : 1;
}

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import fs from 'node:fs';
import path from 'node:path';
import { readConfigFile, run } from '@cairn/runtime';
import { decodeEvent } from '@cairn/events';
import type { TrainingEvent } from '@cairn/events';
import { lastValueFrom, toArray } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { documentFolder } from './document-run.ts';
import { start, train } from './run-cairn.ts';

const TIMES = ['atMs', 'ms', 'stepMs', 'gradientsMs', 'tokensPerSec', 'runId'];

/** Events without what differs from run to run: times, ids, the folder. */
function timeless(events: readonly TrainingEvent[], folder: string): unknown[] {
  return events.map((event): unknown =>
    JSON.parse(
      JSON.stringify(event, (key, value: unknown) => (TIMES.includes(key) ? undefined : value)).replaceAll(folder, ''),
    ),
  );
}

async function byPackage(folder: string): Promise<TrainingEvent[]> {
  const input = await readConfigFile(path.join(folder, 'run.yaml'));
  return lastValueFrom(run(input, { cwd: folder }).pipe(toArray()));
}

async function byCommand(folder: string): Promise<TrainingEvent[]> {
  return (await train(['--config', 'run.yaml'], folder)).events;
}

async function byServer(folder: string): Promise<TrainingEvent[]> {
  const { child, ended } = start(['serve', '--json', '--folder', folder], folder);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const lines = createInterface({ input: child.stdout! });
  const [line] = await Promise.race([
    once(lines, 'line'),
    ended.then(({ stderr }) => Promise.reject(new Error(stderr))),
  ]);
  const { url, token } = JSON.parse(String(line)) as { url: string; token: string };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const begun = await fetch(new URL('/runs', url), {
    method: 'POST',
    headers,
    body: JSON.stringify({ path: 'run.yaml' }),
  });
  const { runId } = (await begun.json()) as { runId: string };
  const stream = await fetch(new URL(`/runs/${runId}/events`, url), { headers });
  const told = (await stream.text()).split('\n').filter((text) => text.startsWith('data: '));
  return told.map((text) => decodeEvent(text.slice('data: '.length)));
}

test('package, command and server tell the same events of the same configuration', async () => {
  const [expected, ...others] = await Promise.all(
    [byPackage, byCommand, byServer].map(async (way) => {
      const folder = fs.realpathSync(await documentFolder());
      return timeless(await way(folder), folder);
    }),
  );
  expect(expected).toHaveLength(50 + 9 * 2 + 4);
  for (const events of others) expect(events).toEqual(expected);
});

test('a configuration that names others runs in this process and in one of its own alike', async () => {
  const folder = await documentFolder();
  fs.renameSync(path.join(folder, 'run.yaml'), path.join(folder, 'base.yaml'));
  fs.writeFileSync(path.join(folder, 'run.yaml'), 'base_config: base.yaml\nrunner_config:\n  epochs: 1\n');
  const input = await readConfigFile(path.join(folder, 'run.yaml'));
  for (const ranks of ['here', 'processes'] as const) {
    const events = await lastValueFrom(run(input, { cwd: folder, ranks }).pipe(toArray()));
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', steps: 10 });
  }
});

import fs from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ServedFolder } from './served-folder.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let served: ServedFolder;
beforeAll(async () => {
  served = await ServedFolder.open();
});
afterAll(() => served.close());

const LONG = ['--runner_config.epochs', '5000'];

test('a run is started, listed and shown, and its stream is its record', async () => {
  const flags = ['--output_dir', 'whole', '--runner_config.epochs', '2'];
  const started = await served.ask('POST', '/runs', { body: { path: 'config.yaml', flags } });
  expect(started.status).toBe(201);
  // The fields that follow are asserted below.
  const begun = (await started.json()) as { runId: string };
  expect(begun).toMatchObject({ state: 'running', config: 'config.yaml', outputFolder: `${served.folder}/whole` });
  expect(started.headers.get('location')).toBe(`/runs/${begun.runId}`);

  const events = await served.allEvents(begun.runId);
  expect(events.map(({ data }) => data)).toEqual(served.record('whole'));
  expect(events.map(({ id }) => id)).toEqual(events.map((_, seq) => `${begun.runId}:${seq}`));
  const status = await served.status(begun.runId);
  expect(status).toMatchObject({ state: 'finished', exitCode: 0, step: 8, totalSteps: 8, loss: expect.any(Number) });
  const list = await (await served.ask('GET', '/runs')).json();
  expect(list).toEqual({ runs: expect.arrayContaining([status]) });
});

test('a configuration can be sent as text; its paths start from the folder', async () => {
  const yaml = fs.readFileSync(`${served.folder}/config.yaml`, 'utf8').replace("'./output'", 'from_text');
  const answer = await served.ask('POST', '/runs', { body: { yaml, flags: ['--runner_config.epochs', '1'] } });
  // Asserted by what it is used for.
  const { runId } = (await answer.json()) as { runId: string };
  expect((await served.allEvents(runId)).at(-1)?.data).toContain('"type":"run-finished"');
  expect(served.record('from_text')).not.toHaveLength(0);
});

test('after a lost connection a client gets exactly the rest', async () => {
  const runId = await served.start('reconnect');
  const first = [];
  for await (const event of served.events(runId)) {
    first.push(event);
    if (event.data.includes('"step":3,')) break;
  }
  const rest = await served.allEvents(runId, first.at(-1)?.id);
  expect([...first, ...rest].map(({ data }) => data)).toEqual(served.record('reconnect'));

  const again = await served.ask('GET', `/runs/${runId}/events`, {
    headers: { 'last-event-id': rest.at(-1)?.id ?? '' },
  });
  expect(again.status, 'an EventSource that has everything is told to stay away').toBe(204);
});

test('two runs of one output folder have one record and each its own stream', async () => {
  const one = await served.start('twice', '--runner_config.epochs', '1');
  const ofOne = await served.allEvents(one);
  const two = await served.start('twice', '--runner_config.epochs', '1');
  const ofTwo = await served.allEvents(two);
  expect([...ofOne, ...ofTwo].map(({ data }) => data)).toEqual(served.record('twice'));
  expect(await served.allEvents(one)).toEqual(ofOne);
});

test('stopping is graceful, and asking twice is asking once', async () => {
  const runId = await served.start('stopped', ...LONG);
  await served.firstStep(runId);
  for (const _ of [1, 2]) {
    const answer = await served.ask('POST', `/runs/${runId}/stop`);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ state: 'running', stopping: true });
  }
  const last = (await served.allEvents(runId)).at(-1);
  expect(JSON.parse(last?.data ?? '')).toMatchObject({ type: 'run-failed', code: 'interrupted', exitCode: 130 });
  const answer = await served.ask('POST', `/runs/${runId}/stop`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ state: 'failed', stopping: false, code: 'interrupted', exitCode: 130 });
});

test('a run that is stopped before it has begun is interrupted too', async () => {
  const runId = await served.start('unbegun', ...LONG);
  await served.ask('POST', `/runs/${runId}/stop`);
  const events = await served.allEvents(runId);
  expect(JSON.parse(events.at(-1)?.data ?? '')).toMatchObject({ type: 'run-failed', code: 'interrupted' });
  expect(events.map(({ data }) => data)).toEqual(served.record('unbegun'));
});

test('a run that fails says why, on its stream and in its status', async () => {
  const runId = await served.start('no-data', '--train_dataset_dir', './nowhere');
  const last = (await served.allEvents(runId)).at(-1);
  const failure = { code: 'data-missing', exitCode: 2, message: expect.stringContaining('nowhere') };
  expect(JSON.parse(last?.data ?? '')).toMatchObject({ type: 'run-failed', ...failure });
  expect(await served.status(runId)).toMatchObject({ state: 'failed', ...failure });
});

test('a run whose folder is taken fails with one event, though it has no record', async () => {
  const holder = await served.start('taken', ...LONG);
  await served.firstStep(holder);
  const late = await served.start('taken');
  const events = await served.allEvents(late);
  expect(events.map(({ id }) => id)).toEqual([`${late}:0`]);
  expect(await served.status(late)).toMatchObject({ state: 'failed', code: 'folder-in-use', exitCode: 2 });
  await served.ask('POST', `/runs/${holder}/stop`);
});

test('a client that goes away and one that takes nothing leave the run alone', async () => {
  const runId = await served.start('alone');
  const stuck = await served.ask('GET', `/runs/${runId}/events`);
  for await (const _ of served.events(runId)) break;
  expect((await served.allEvents(runId)).map(({ data }) => data)).toEqual(served.record('alone'));
  expect(await served.status(runId)).toMatchObject({ state: 'finished', step: 20 });
  await stuck.body?.cancel();
});

test.each([
  ['POST', '/runs/nobody/stop'],
  ['GET', '/runs/nobody'],
  ['GET', '/runs/nobody/events'],
] as const)('%s %s is 404: there is no such run', async (method, route) => {
  const answer = await served.ask(method, route);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: 'run-unknown', message: expect.stringContaining('nobody') });
});

test('the id of another run is no place to go on from', async () => {
  const runId = await served.start('ids', '--runner_config.epochs', '1');
  const answer = await served.ask('GET', `/runs/${runId}/events`, { headers: { 'last-event-id': 'another:3' } });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: 'event-id-invalid' });
});

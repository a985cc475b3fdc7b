import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServer } from '../src/create-server.ts';

const TOKEN = 'token-of-the-tests';
const TRUSTED = { host: 'localhost', authorization: `Bearer ${TOKEN}` };

let app: FastifyInstance;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-requests-'));
beforeAll(() => {
  app = createServer({ folder, token: TOKEN, hostName: 'trainer.example' });
});
afterAll(async () => {
  await app.close();
  fs.rmSync(folder, { recursive: true });
});

test.each([
  ['nothing', {}, 'token-missing'],
  ['a wrong token', { authorization: 'Bearer wrong' }, 'token-wrong'],
  ['a token with something behind it', { authorization: `Bearer ${TOKEN}x` }, 'token-wrong'],
  ['another scheme', { authorization: `Basic ${TOKEN}` }, 'token-missing'],
])('%s does not open the door', async (_, headers, code) => {
  for (const url of ['/runs', '/runs/some', '/nowhere']) {
    const answer = await app.inject({ url, headers: { host: 'localhost', ...headers } });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toEqual({ code, message: expect.any(String) });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  }
});

test('the token is taken from the header, and from the query of a GET alone', async () => {
  const headers = { host: 'localhost' };
  expect((await app.inject({ url: '/runs', headers: TRUSTED })).statusCode).toBe(200);
  expect((await app.inject({ url: `/runs?token=${TOKEN}`, headers })).statusCode).toBe(200);
  const posted = await app.inject({ method: 'POST', url: `/runs?token=${TOKEN}`, headers, payload: {} });
  expect(posted.json()).toMatchObject({ code: 'token-missing' });
});

test.each(['localhost', 'localhost:9000', '127.0.0.1:80', '[::1]:80', '10.0.0.7', 'trainer.example', 'LOCALHOST'])(
  'as %s the server may be asked',
  async (host) => {
    const answer = await app.inject({ url: '/runs', headers: { ...TRUSTED, host } });
    expect(answer.statusCode).toBe(200);
  },
);

test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '[localhost]', 'a@localhost'])(
  'as "%s" it may not, whatever the token: a name can be made to lead here',
  async (host) => {
    const answer = await app.inject({ url: '/runs', headers: { ...TRUSTED, host } });
    expect(answer.statusCode).toBe(421);
    expect(answer.json()).toMatchObject({ code: 'wrong-host' });
  },
);

test.each(['http://evil.example', 'null', 'http://localhost:1234', 'https://localhost.evil.example'])(
  'a page of %s may not ask',
  async (origin) => {
    const answer = await app.inject({ url: '/runs', headers: { ...TRUSTED, origin } });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'wrong-origin' });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  },
);

test('its own pages may', async () => {
  const answer = await app.inject({ url: '/runs', headers: { ...TRUSTED, origin: 'http://localhost' } });
  expect(answer.statusCode).toBe(200);
});

async function post(payload: string | object, headers: Record<string, string> = {}) {
  const answer = await app.inject({ method: 'POST', url: '/runs', headers: { ...TRUSTED, ...headers }, payload });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

test('a wrong configuration is answered with every error and where it is', async () => {
  const { status, body } = await post({ yaml: 'seed: 1\nrunner_config:\n  epochs: none of these\n  batch_size: -1\n' });
  expect(status).toBe(422);
  expect(body).toMatchObject({
    code: 'config-invalid',
    message: expect.stringContaining('request.yaml:3:11'),
    errors: [
      { path: ['runner_config', 'epochs'], place: { file: 'request.yaml', line: 3, column: 11 } },
      { path: ['runner_config', 'batch_size'], place: { line: 4 } },
    ],
  });
});

test.each([
  ['a flag that is none', ['--nonsense.key'], '--nonsense.key'],
  ['a value no flag takes', ['--runner_config.epochs', 'x'], 'runner_config.epochs must be'],
  ['a mode that is not run', ['--run_mode', 'export'], 'export'],
])('%s is an error of the configuration', async (_, flags, message) => {
  expect(await post({ yaml: 'runner_config:\n  epochs: 1\n', flags })).toMatchObject({
    status: 422,
    body: { code: 'config-invalid', message: expect.stringContaining(message) },
  });
});

test('what can be read but not run is refused before the run starts', async () => {
  expect(await post({ yaml: 'seed: 1\n' })).toMatchObject({
    status: 422,
    body: { code: 'config-invalid', errors: [{ code: 'model-missing' }] },
  });
});

test('what the model package finds impossible is found before the run starts', async () => {
  const yaml = 'model:\n  model_config:\n    type: LlamaConfig\n    hidden_size: 30\n    num_heads: 4\n';
  expect(await post({ yaml })).toMatchObject({
    status: 422,
    body: { message: expect.stringMatching(/^request\.yaml:\d+:\d+: error: .*hidden_size/) },
  });
});

test('base_config is read from the folder', async () => {
  fs.writeFileSync(path.join(folder, 'base.yaml'), 'runner_config:\n  epochs: wrong\n');
  const { body } = await post({ yaml: 'base_config: ./base.yaml\n' });
  expect(body['message']).toContain('base.yaml:2:11');
});

test.each([
  ['is not there', 'nowhere.yaml', 'nowhere.yaml does not exist'],
  ['is a folder', '.', 'is not a file'],
  ['never ends', '/dev/zero', 'is not a file'],
])('a file that %s is no configuration', async (_, file, message) => {
  expect(await post({ path: file })).toMatchObject({
    status: 422,
    body: { code: 'config-missing', message: expect.stringContaining(message) },
  });
});

test('a file larger than any configuration is not read', async () => {
  fs.writeFileSync(path.join(folder, 'large.yaml'), Buffer.alloc(2 ** 20 + 1, 0x20));
  expect(await post({ path: 'large.yaml' })).toMatchObject({ status: 422, body: { code: 'config-missing' } });
});

test.each([
  ['neither path nor text', {}, 'give either path or yaml'],
  ['path and text', { path: 'a', yaml: 'b' }, 'give either path or yaml'],
  ['an unknown key', { path: 'a', colour: 1 }, 'colour'],
  ['flags that are no list', { path: 'a', flags: '--x' }, 'body.flags'],
  ['a file in the flags', { yaml: '', flags: ['--config', 'a.yaml'] }, 'not by --config'],
  ['no JSON', '{"path"', 'JSON'],
])('a body with %s is refused', async (_, payload, message) => {
  expect(await post(payload, { 'content-type': 'application/json' })).toMatchObject({
    status: 400,
    body: { code: 'request-invalid', message: expect.stringContaining(message) },
  });
});

test('a body that is too large, or of another type, is not read', async () => {
  const large = await post({ yaml: 'x'.repeat(2 ** 20) });
  expect(large).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/yaml']) {
    expect(await post('path: a', { 'content-type': type })).toMatchObject({ status: 415, body: { code: 'not-json' } });
  }
});

test('what is no route is 404 and does not repeat the token', async () => {
  const answer = await app.inject({ url: `/nowhere?token=${TOKEN}`, headers: { host: 'localhost' } });
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ code: 'route-unknown' });
  expect(answer.body).not.toContain(TOKEN);
});

test('a server that shuts down starts nothing any more', async () => {
  const closing = createServer({ folder, token: TOKEN });
  await closing.ready();
  await closing.close();
  const { Runs } = await import('../src/runs.ts');
  const runs = new Runs(folder);
  await runs.close();
  const order = { input: { name: 'a.yaml', text: '' }, outputFolder: folder };
  expect(() => runs.start(order)).toThrow(expect.objectContaining({ status: 503, code: 'shutting-down' }));
});

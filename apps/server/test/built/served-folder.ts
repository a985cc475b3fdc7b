import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { lineSplitter } from '@cairn/events';

const GOLDEN = fileURLToPath(new URL('../../../../conformance/golden/mindformers-run/', import.meta.url));
const PROGRAM = fileURLToPath(new URL('./serve-folder.mjs', import.meta.url));
/** Of every served folder. */
export const TOKEN = 'token-of-the-tests';

/** One server-sent event. */
export interface ReceivedEvent {
  readonly id: string;
  readonly data: string;
}

/** A server in a process of its own over a folder with a tiny Llama, its data and its configuration `config.yaml`. */
export class ServedFolder {
  readonly folder: string;
  readonly url: string;
  readonly process: ChildProcess;

  private constructor(folder: string, url: string, process: ChildProcess) {
    this.folder = folder;
    this.url = url;
    this.process = process;
  }

  static async open(): Promise<ServedFolder> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-server-'));
    for (const name of ['config.yaml', 'data', 'init.ckpt']) {
      fs.cpSync(path.join(GOLDEN, name), path.join(folder, name), { recursive: true });
    }
    const child = spawn(process.execPath, [PROGRAM, folder, TOKEN], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const url of createInterface({ input: child.stdout })) return new ServedFolder(folder, url, child);
    throw new Error('the server did not start; it is run as built: npm run build');
  }

  /** Asks with the token. */
  ask(method: 'GET' | 'POST', route: string, options: { body?: unknown; headers?: Record<string, string> } = {}) {
    return fetch(`${this.url}${route}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
  }

  /** Starts a run of the folder's configuration that writes to an output folder. @returns its id */
  async start(output: string, ...flags: string[]): Promise<string> {
    const body = { path: 'config.yaml', flags: ['--output_dir', output, ...flags] };
    const answer = await this.ask('POST', '/runs', { body });
    // What the tests of POST /runs assert.
    const { runId } = (await answer.json()) as { runId: string };
    return runId;
  }

  async status(runId: string): Promise<unknown> {
    return (await this.ask('GET', `/runs/${runId}`)).json();
  }

  /** The events of a run as they arrive; leaving the loop closes the connection. */
  async *events(runId: string, lastEventId = ''): AsyncGenerator<ReceivedEvent> {
    const headers = lastEventId === '' ? {} : { 'last-event-id': lastEventId };
    const { body } = await this.ask('GET', `/runs/${runId}/events`, { headers });
    const split = lineSplitter();
    let id = '';
    for await (const piece of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      for (const line of split(piece)) {
        if (line.startsWith('id: ')) id = line.slice('id: '.length);
        if (line.startsWith('data: ')) yield { id, data: line.slice('data: '.length) };
      }
    }
  }

  async allEvents(runId: string, lastEventId = ''): Promise<ReceivedEvent[]> {
    const events = [];
    for await (const event of this.events(runId, lastEventId)) events.push(event);
    return events;
  }

  /** Returns when a run has trained a step, so that it is in the midst of training. */
  async firstStep(runId: string): Promise<ReceivedEvent> {
    for await (const event of this.events(runId)) if (event.data.includes('"type":"step"')) return event;
    throw new Error(`run ${runId} ended without a step`);
  }

  /** Lines of the record in an output folder. */
  record(output: string): string[] {
    return fs
      .readFileSync(path.join(this.folder, output, 'events.ndjson'), 'utf8')
      .trimEnd()
      .split('\n');
  }

  /** Asks the process to end. @returns its exit code */
  async shutDown(): Promise<number | null> {
    const exited = this.process.exitCode === null ? once(this.process, 'exit') : null;
    this.process.kill('SIGTERM');
    await exited;
    return this.process.exitCode;
  }

  async close(): Promise<void> {
    await this.shutDown();
    fs.rmSync(this.folder, { recursive: true });
  }
}

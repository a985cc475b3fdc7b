import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { decodeEvent } from '@cairn/events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cairnIn, PROGRAM, temporaryFolder } from './cairn.ts';
import { tinyRunFolder } from './tiny-run.ts';

const RUNTIME = new URL('../../../../packages/runtime/dist/index.js', import.meta.url);

function read(...parts: string[]): string {
  return fs.readFileSync(path.join(...parts), 'utf8');
}

describe("Cairn's own run", () => {
  test('with --json standard output is the record', async () => {
    const cwd = await tinyRunFolder();
    const { code, lines } = cairnIn(cwd, 'launch', 'run --config tiny.yaml', '2', '--json');
    expect(code).toBe(0);
    expect(lines).toEqual(read(cwd, 'output/events.ndjson').trimEnd().split('\n'));
    const events = lines.map((line) => decodeEvent(line));
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(8);
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', steps: 8 });
  });

  test("under upstream's name, with its lines, six arguments, and the logs where they were asked for", async () => {
    const cwd = await tinyRunFolder();
    const port = String(20_000 + (process.pid % 20_000));
    const launched = cairnIn(cwd, 'launch', 'run_mindformer.py --config tiny.yaml', '2', port, 'logs', 'True', '600');
    expect(launched.stderr.match(/\{ Epoch:/g)).toHaveLength(4);
    expect(launched.stderr.match(/Saving ckpt/g)).toHaveLength(2);
    expect(launched).toMatchObject({ code: 0, stdout: '' });
    expect(fs.readdirSync(path.join(cwd, 'logs')).toSorted()).toEqual([
      'scheduler.log',
      'worker_0.log',
      'worker_1.log',
    ]);
    expect(read(cwd, 'logs/scheduler.log')).toContain(`listens on 127.0.0.1:${port}`);
  });

  test('every rank on request, each line with its rank', async () => {
    const cwd = await tinyRunFolder();
    const { stderr } = cairnIn(cwd, 'launch', '--worker_num', '2', '--all-ranks', 'run', '--config', 'tiny.yaml');
    expect(stderr.match(/^\[0\] \{ Epoch:/gm)).toHaveLength(4);
    expect(stderr.match(/^\[1\] \{ Epoch:/gm)).toHaveLength(4);
  });

  test('a rank that is killed ends it with 5 and says which', async () => {
    const cwd = await tinyRunFolder(20_000);
    const child = spawn(process.execPath, [PROGRAM, 'launch', 'run --config tiny.yaml', '2', '--json'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    let pid = 0;
    let isKilled = false;
    for await (const line of createInterface({ input: child.stdout })) {
      const event = decodeEvent(line);
      if (event.type === 'rank-started' && event.rank === 1) pid = event.pid;
      if (event.type !== 'step' || isKilled) continue;
      isKilled = process.kill(pid, 'SIGKILL');
    }
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(5);
    expect(said).toContain('error: rank 1 was lost (SIGKILL)');
  });

  test('goes on by itself when it is not to be joined', async () => {
    const cwd = await tinyRunFolder();
    const { code, stdout } = cairnIn(cwd, 'launch', 'run --config tiny.yaml', '2', '--join', 'False');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^launched by process \d+, logs in .*output\/msrun_log\n$/);
    const record = path.join(cwd, 'output/events.ndjson');
    const isDone = (): boolean => fs.existsSync(record) && read(record).includes('run-finished');
    await expect.poll(isDone, { timeout: 50_000 }).toBe(true);
    expect(read(cwd, 'output/msrun_log/launch.log')).toContain('{ Epoch:');
  });

  test.each([
    ['3', 'is 2 ranks, there are 3'],
    ['x', '--worker_num: x should be a whole number'],
  ])('%s workers are refused', async (workers, message) => {
    const launched = cairnIn(await tinyRunFolder(), 'launch', 'run --config tiny.yaml', workers);
    expect(launched.code).toBe(2);
    expect(launched.stderr).toContain(message);
  });
});

test('several hosts are refused', () => {
  const argv = ['a', '16', '8', '192.168.1.1', '8118', '0', 'logs', 'False', '300'];
  const launched = cairnIn(temporaryFolder(), 'launch', ...argv);
  expect(launched.code).toBe(2);
  expect(launched.stderr).toMatch(/^error: 16 workers, 8 of them on this host .* several hosts cannot be launched yet/);
});

describe('any program', () => {
  const SCRIPT = `
    const { RANK_ID, RANK, WORLD_SIZE, MS_WORKER_NUM, DEVICE_ID } = process.env;
    console.log('rank', RANK_ID, RANK, DEVICE_ID, 'of', WORLD_SIZE, MS_WORKER_NUM);
    if (process.argv[2] === RANK_ID) { console.error('RuntimeError: broken'); process.exit(3); }
  `;

  function scriptFolder(): string {
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'train.mjs'), SCRIPT);
    return folder;
  }

  test('has its place in the environment, and its logs are shown', () => {
    const { code, lines } = cairnIn(scriptFolder(), 'launch', 'train.mjs', '3');
    expect(code).toBe(0);
    expect(lines.toSorted()).toEqual(['rank 0 0 0 of 3 3', 'rank 1 1 1 of 3 3', 'rank 2 2 2 of 3 3']);
  });

  test('that fails ends the launch with 5, its rank and its last words', () => {
    const cwd = scriptFolder();
    const { code, stderr } = cairnIn(cwd, 'launch', 'node train.mjs 1', '2');
    expect([code, stderr]).toEqual([5, 'error: rank 1 was lost (exit code 3): RuntimeError: broken\n']);
    expect(read(cwd, 'output/msrun_log/worker_1.log').split('\n').toSorted()).toEqual([
      '',
      'RuntimeError: broken',
      'rank 1 1 1 of 2 2',
    ]);
  });

  test('is started again as often as it may be', () => {
    const cwd = scriptFolder();
    const { code, lines } = cairnIn(cwd, 'launch', 'train.mjs 0', '1', '--max_restarts', '2', '--json');
    expect(code).toBe(5);
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
      Array(3).fill({
        ranks: [{ exitCode: 3, signal: null }],
        failedRank: 0,
        message: 'rank 0 was lost (exit code 3): RuntimeError: broken',
      }),
    );
    expect(read(cwd, 'output/msrun_log/worker_0.log').match(/rank 0/g)).toHaveLength(3);
  });

  test('that is not there is said', () => {
    const { code, stderr } = cairnIn(scriptFolder(), 'launch', './nowhere 1', '2');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: \.\/nowhere could not be started/);
  });

  test('that trains with Cairn is a run of all its ranks', async () => {
    const cwd = await tinyRunFolder();
    const script = `
      import { readConfigFile, run } from ${JSON.stringify(RUNTIME.href)};
      run(await readConfigFile('tiny.yaml')).subscribe(({ type, rank, loss }) => type === 'step' && console.log(rank, loss));
    `;
    fs.writeFileSync(path.join(cwd, 'train.mjs'), script);
    const { code, lines } = cairnIn(cwd, 'launch', 'train.mjs', '2');
    expect(code).toBe(0);
    const losses = (rank: string): string[] =>
      lines.filter((line) => line.startsWith(rank)).map((line) => line.slice(2));
    expect(losses('0')).toHaveLength(8);
    expect(losses('1')).toEqual(losses('0'));
    const record = read(cwd, 'output/events.ndjson')
      .trimEnd()
      .split('\n')
      .map((line) => decodeEvent(line));
    expect(record.filter(({ type }) => type === 'step')).toHaveLength(8);
    expect(fs.existsSync(path.join(cwd, 'output/checkpoint/rank_1'))).toBe(true);
  });
});

test('the help names all forms', () => {
  const { stdout } = cairnIn(fileURLToPath(new URL('.', import.meta.url)), 'launch', '--help');
  expect(stdout).toContain('cairn launch --worker_num 4 --log_dir logs run --config train.yaml');
});

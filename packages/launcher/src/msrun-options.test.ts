import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { msrunOptions } from './msrun-options.ts';

const RUN = 'run_mindformer.py --config a.yaml';

describe("msrun_launcher.sh's forms", () => {
  test('the command alone runs on eight workers', () => {
    expect(msrunOptions([RUN])).toEqual({
      words: ['run_mindformer.py', '--config', 'a.yaml'],
      workers: 8,
      masterAddress: '127.0.0.1',
      masterPort: null,
      logFolder: 'output/msrun_log',
      workerLogName: 'worker',
      shownLogs: null,
      join: true,
      clusterTimeoutMs: 7_200_000,
      nodeTimeoutMs: 600_000,
      maxRestarts: 0,
      rankTableFile: null,
      warnings: [],
    });
  });

  test('2, 6 and 9 arguments', () => {
    expect(msrunOptions([RUN, '4'])).toMatchObject({ workers: 4, join: true });
    const six = { workers: 4, masterPort: 8118, logFolder: 'logs', join: false, clusterTimeoutMs: 300_000 };
    expect(msrunOptions([RUN, '4', '8118', 'logs', 'False', '300'])).toMatchObject(six);
    const nine = [RUN, '4', '4', '10.0.0.1', '8118', '0', 'logs', 'False', '300'];
    expect(msrunOptions(nine)).toMatchObject({ ...six, masterAddress: '127.0.0.1' });
  });

  test.each([3, 4, 5, 7, 8, 10])('%d arguments are refused', (count) => {
    expect(() => msrunOptions([RUN, ...Array<string>(count - 1).fill('4')])).toThrow(
      `${count} arguments: 1, 2, 6 or 9`,
    );
  });

  test('several hosts are refused', () => {
    const two = [RUN, '16', '8', '192.168.1.1', '8118', '1', 'logs', 'False', '300'];
    expect(() => msrunOptions(two)).toThrow(
      /8 of them on this host \(node_rank 1\): several hosts cannot be launched yet/,
    );
  });

  test('named options may follow', () => {
    expect(msrunOptions([RUN, '4', '--max_restarts', '2', '--join=False'])).toMatchObject({
      maxRestarts: 2,
      join: false,
    });
    expect(msrunOptions(['--max-restarts', '2', RUN, '4'])).toMatchObject({ maxRestarts: 2, workers: 4 });
  });
});

describe("msrun's named options", () => {
  test('come before the command, whose own flags are left alone', () => {
    const argv = '--worker_num=2 --local_worker_num 2 --master_port 8119 --log_dir l --join True --cluster_time_out 60';
    const options = msrunOptions([...argv.split(' '), 'run', '--config', 'a b.yaml', '--join', 'x']);
    expect(options).toMatchObject({
      words: ['run', '--config', 'a b.yaml', '--join', 'x'],
      workers: 2,
      masterPort: 8119,
      logFolder: 'l',
      clusterTimeoutMs: 60_000,
    });
  });

  test('logs, rank table, and what has no effect', () => {
    const argv =
      '--worker_num 2 --bind_core True --sim_level 1 --rank_table_file t.json --worker_log_name w --tail_worker_log 0,1';
    const options = msrunOptions([...argv.split(' '), 'a']);
    expect(options).toMatchObject({ rankTableFile: 't.json', workerLogName: 'w', shownLogs: [0, 1] });
    expect(options.warnings).toHaveLength(2);
    expect(msrunOptions(['--worker_num', '2', '--tail_worker_log', '-1', 'a']).shownLogs).toBeNull();
  });

  test('the command may be one text', () => {
    expect(msrunOptions(['--worker_num', '2', 'run --config a']).words).toEqual(['run', '--config', 'a']);
  });

  test('a negative time is for ever', () => {
    expect(msrunOptions(['--worker_num', '2', '--cluster_time_out', '-1', 'a']).clusterTimeoutMs).toBe(Infinity);
  });
});

test.each([
  [[], 'what is to be launched?'],
  [['--worker_num', '2'], 'what is to be launched?'],
  [[RUN, 'four'], '--worker_num: four should be a whole number, at least 1'],
  [[RUN, '0'], '--worker_num: 0 should be'],
  [[RUN, '4', '--workers', '3'], '--workers is no option of a launch; those are --worker_num, '],
  [[RUN, '4', '--max_restarts'], '--max_restarts needs a value'],
  [['--worker_num', '2', '--join', 'perhaps', 'a'], '--join: perhaps should be True or False'],
  [['--worker_num', '2', '--local_worker_num', '3', 'a'], 'local_worker_num 3 is more than worker_num 2'],
  [['--worker_num', '2', '--master_port', '70000', 'a'], 'a port, 1 to 65535'],
  [['run', '4', '--max_restarts', '1', 'x'], 'put the command in quotes'],
])('%j is refused: %s', (argv, message) => {
  expect(() => msrunOptions(argv)).toThrow(message);
});

test('whatever is given, it is options or a usage error', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('--worker_num', '--join', '4', 'True', '--join=', "'"));
  fc.assert(
    fc.property(fc.array(word), (argv) => {
      try {
        expect(msrunOptions(argv).workers).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toMatchObject({ name: 'LaunchError', code: 'usage' });
      }
    }),
  );
});

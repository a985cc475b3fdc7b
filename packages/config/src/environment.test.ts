import { expect, test } from 'vitest';
import { brief, invalid, valid } from '../test/parse.ts';
import { readEnvironment } from './environment.ts';

test('variables are read with their types', () => {
  const { environment, issues } = readEnvironment({
    RANK_ID: '3',
    RANK_SIZE: '8',
    DEVICE_NUM_PER_NODE: '4',
    SHARED_PATHS: '/mnt/a, ,/mnt/b',
    MS_ROLE: 'MS_WORKER',
    MS_CLUSTER_TIMEOUT: '600',
    MS_DEV_MINDRECORD_SHARD_BY_BLOCK: 'True',
    MA_JOB_DIR: '',
    ENABLE_CELL_REUSE: '1',
    HOME: '/root',
  });
  expect(issues).toEqual([]);
  expect(environment).toMatchObject({
    rankId: 3,
    rankSize: 8,
    deviceNumPerNode: 4,
    sharedPaths: ['/mnt/a', '/mnt/b'],
    role: 'MS_WORKER',
    topologyTimeoutSeconds: 600,
    shardByBlock: true,
    modelArts: true,
    withoutEffect: ['ENABLE_CELL_REUSE'],
    deviceId: null,
    schedulerHost: null,
  });
});

test('a variable that is not a number, or a rank that does not exist, is an error at the variable', async () => {
  expect(brief((await invalid('', { env: { RANK_ID: 'x' } })).errors)).toEqual(['environment-value RANK_ID']);
  expect(brief((await invalid('', { env: { RANK_ID: '4', RANK_SIZE: '4' } })).errors)).toEqual([
    'environment-value RANK_ID',
  ]);
  expect(brief((await invalid('', { env: { RANK_SIZE: '0' } })).errors)).toEqual(['environment-value RANK_SIZE']);
  expect((await valid('', { env: { RANK_ID: '' } })).config.environment.rankId).toBeNull();
});

test('some variables are defaults of keys; the file wins', async () => {
  const env = { LOCAL_DEFAULT_PATH: '/out', RUN_MODE: 'train', DEVICE_ID: '5' };
  const { config, origins } = await valid('', { env });
  expect(config).toMatchObject({ output_dir: '/out', run_mode: 'train', context: { device_id: 5 } });
  expect(origins.of(['output_dir'])).toEqual({ kind: 'environment', name: 'LOCAL_DEFAULT_PATH' });
  expect(origins.locate(['context', 'device_id'])).toEqual({ environment: 'DEVICE_ID' });
  expect(origins.of(['environment', 'deviceId'])).toEqual({ kind: 'environment', name: 'DEVICE_ID' });
  expect(origins.of(['environment', 'rankId'])).toEqual({ kind: 'default', why: 'not set' });
  const written = await valid('output_dir: a\nrun_mode: eval\ncontext: {device_id: 1}\n', { env });
  expect(written.config).toMatchObject({ output_dir: 'a', run_mode: 'eval', context: { device_id: 1 } });
});

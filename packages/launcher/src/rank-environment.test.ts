import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankEnvironment, rankPlace } from './rank-environment.ts';

const place = {
  rank: 3,
  size: 8,
  scheduler: { host: '127.0.0.1', port: 8118 },
  key: 'k',
  clusterTimeoutMs: 60_000,
  nodeTimeoutMs: Infinity,
};

test("the environment is msrun's, and torch's", () => {
  expect(rankEnvironment(place, { masterPort: 8200, rankTableFile: '/t.json' })).toEqual({
    MS_ROLE: 'MS_WORKER',
    MS_WORKER_NUM: '8',
    MS_SCHED_HOST: '127.0.0.1',
    MS_SCHED_PORT: '8118',
    MS_NODE_ID: '3',
    MS_TOPO_TIMEOUT: '60',
    MS_NODE_TIMEOUT: '-1',
    RANK_ID: '3',
    RANK_SIZE: '8',
    DEVICE_ID: '3',
    RANK_TABLE_FILE: '/t.json',
    MASTER_ADDR: '127.0.0.1',
    MASTER_PORT: '8200',
    RANK: '3',
    WORLD_SIZE: '8',
    LOCAL_RANK: '3',
    LOCAL_WORLD_SIZE: '8',
    CAIRN_WORLD_KEY: 'k',
  });
});

test('a rank finds its place again', () => {
  const ms = fc.oneof(
    fc.nat(1e6).map((n) => n * 1000),
    fc.constant(Infinity),
  );
  fc.assert(
    fc.property(fc.nat(999), ms, ms, (rank, clusterTimeoutMs, nodeTimeoutMs) => {
      const there = { ...place, rank, clusterTimeoutMs, nodeTimeoutMs };
      expect(rankPlace(rankEnvironment(there, { masterPort: 1, rankTableFile: null }))).toEqual(there);
    }),
  );
});

test('what another launcher started has no place here', () => {
  const env = rankEnvironment(place, { masterPort: 1, rankTableFile: null });
  expect(rankPlace({})).toBeNull();
  expect(rankPlace({ RANK_ID: '0', RANK_SIZE: '8' })).toBeNull();
  expect(rankPlace({ ...env, CAIRN_WORLD_KEY: undefined })).toBeNull();
  expect(rankPlace({ ...env, MS_ROLE: 'MS_SCHED' })).toBeNull();
  expect(rankPlace({ ...env, RANK_ID: 'x' })).toBeNull();
  expect(rankPlace({ ...env, MS_TOPO_TIMEOUT: undefined })?.clusterTimeoutMs).toBe(600_000);
});

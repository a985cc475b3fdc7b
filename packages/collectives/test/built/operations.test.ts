import { expect, test } from 'vitest';
import { localGroups } from '../../src/index.ts';
import { operations } from './operations.mjs';
import { startOperators, startRendezvous } from './rank-processes.ts';

test.each([2, 3, 4])(
  '%d processes get what as many groups of one process get, bit for bit and every time',
  async (size) => {
    const expected = await Promise.all(localGroups(size).map((group) => operations(group)));
    expect(new Set(expected.map(([common]) => common)).size).toBe(1);
    for (let run = 0; run < 2; run++) {
      const { port, exited } = await startRendezvous(size);
      const ranks = startOperators(size, port);
      expect(await Promise.all(ranks.map((rank) => rank.says()))).toEqual(expected);
      expect(await Promise.all([...ranks.map((rank) => rank.exited), exited])).toEqual(Array(size + 1).fill(0));
    }
  },
);

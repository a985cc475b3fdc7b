import fs from 'node:fs';
import { expect, test } from 'vitest';
import { startRanks, startRendezvous } from './rank-processes.ts';
import type { Process } from './rank-processes.ts';

/** Longer than any test: who is told of a loss does not wait for this. */
const NEVER_MS = 600_000;

const LARGE = 200_000;

test.each([3, LARGE])(
  'a rank that is killed ends the calls of all others, which name it (%d values)',
  async (values) => {
    const { port, exited } = await startRendezvous(3);
    const [first, killed, third] = (await startRanks(3, port, NEVER_MS, values)) as [Process, Process, Process];
    killed.child.kill('SIGKILL');
    for (const rank of [first, third]) {
      expect(await rank.says()).toMatchObject({ code: 'rank-lost', rank: 1 });
      expect(await rank.exited).toBe(5);
    }
    expect(await exited).toBe(0);
  },
);

test('a rank that is killed is missed by its peers, also when the rendezvous cannot tell', async () => {
  const rendezvous = await startRendezvous(2);
  const [first, killed] = (await startRanks(2, rendezvous.port, NEVER_MS, 3)) as [Process, Process];
  rendezvous.child.kill('SIGSTOP');
  killed.child.kill('SIGKILL');
  expect(await first.says()).toMatchObject({ code: 'rank-lost', rank: 1, why: 'its connection was closed' });
});

test('a rank that hangs is lost when the deadline is over', async () => {
  const { port } = await startRendezvous(3);
  const [first, hanging, third] = (await startRanks(3, port, 6000, 3)) as [Process, Process, Process];
  hanging.child.kill('SIGSTOP');
  for (const rank of [first, third]) {
    expect(await rank.says()).toMatchObject({ code: 'rank-lost', rank: 1, why: 'no answer in 6 seconds' });
  }
});

test('the end of the rendezvous ends all ranks', async () => {
  const rendezvous = await startRendezvous(2);
  const ranks = await startRanks(2, rendezvous.port, NEVER_MS, 3);
  rendezvous.child.kill('SIGKILL');
  for (const rank of ranks) expect(await rank.says()).toMatchObject({ code: 'rank-lost', rank: null });
  for (const rank of ranks) expect(await rank.exited).toBe(5);
});

test('ranks that are all killed leave nothing in shared memory', async () => {
  const before = fs.readdirSync('/dev/shm');
  const { port, exited } = await startRendezvous(2);
  const ranks = await startRanks(2, port, NEVER_MS, LARGE);
  const files = openFiles(ranks[0]!).filter((file) => file.startsWith('/dev/shm/'));
  expect(files).toEqual([expect.stringContaining('(deleted)'), expect.stringContaining('(deleted)')]);
  for (const { child } of ranks) child.kill('SIGKILL');
  await exited;
  expect(fs.readdirSync('/dev/shm')).toEqual(before);
});

function openFiles({ child }: Process): string[] {
  const folder = `/proc/${child.pid}/fd`;
  return fs.readdirSync(folder).map((name) => fs.readlinkSync(`${folder}/${name}`));
}

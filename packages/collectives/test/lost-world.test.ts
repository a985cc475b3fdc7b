import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { connectWorld, isRankLostError, RankLostError, serveRendezvous } from '../src/index.ts';
import type { RendezvousOptions, World, WorldOptions } from '../src/index.ts';

const FAR_MS = 60_000;

const rendezvousOf = (size: number, options: Partial<RendezvousOptions> = {}) =>
  serveRendezvous({ host: '127.0.0.1', port: 0, size, deadlineMs: FAR_MS, ...options });

type Rendezvous = Awaited<ReturnType<typeof serveRendezvous>>;

const joins = ({ address }: Rendezvous, rank: number, size: number, options: Partial<WorldOptions> = {}) =>
  connectWorld({ rank, size, address, deadlineMs: FAR_MS, ...options });

async function worldOf(size: number, options: Partial<WorldOptions> = {}) {
  const rendezvous = await rendezvousOf(size);
  const ranks = Array.from({ length: size }, (_, rank) => joins(rendezvous, rank, size, options));
  return { rendezvous, worlds: await Promise.all(ranks) };
}

const closeAll = (worlds: readonly World[]) => Promise.all(worlds.map((world) => world.close()));

describe('joining', () => {
  test('is told in the log, and ends when all have left', async () => {
    const lines: string[] = [];
    const rendezvous = await rendezvousOf(2, { log: (line) => lines.push(line) });
    await closeAll(await Promise.all([joins(rendezvous, 0, 2), joins(rendezvous, 1, 2)]));
    expect(await rendezvous.ended).toEqual({ kind: 'done' });
    expect(lines.filter((line) => line.endsWith('is done'))).toHaveLength(2);
    expect(lines).toContain('all 2 ranks are there');
  });

  test.each([
    ['the key', { key: 'theirs' }, 'does not know the key'],
    ['the size', { size: 3 }, 'of a world of 3 ranks, this one has 2'],
    ['the rank', { rank: 2 }, 'there is no rank 2 of 2'],
  ])('is refused when %s is another', async (_, changes, why) => {
    const rendezvous = await rendezvousOf(2, { key: 'ours' });
    await expect(joins(rendezvous, 0, 2, { key: 'ours', ...changes })).rejects.toThrow(why);
    rendezvous.close();
  });

  test('is refused to a rank that is there already', async () => {
    const rendezvous = await rendezvousOf(2);
    const first = joins(rendezvous, 1, 2);
    const second = joins(rendezvous, 1, 2);
    const refused = await Promise.race([first, second].map((each) => each.catch((error: unknown) => error)));
    expect(refused).toMatchObject({ rank: null, why: expect.stringContaining('rank 1 is there already') });
    const other = await joins(rendezvous, 0, 2);
    const [joined] = (await Promise.allSettled([first, second])).filter((each) => each.status === 'fulfilled');
    await closeAll([other, joined!.value]);
  });

  test('ends for all when one does not come in time', async () => {
    const lines: string[] = [];
    const rendezvous = await rendezvousOf(3, { deadlineMs: 50, log: (line) => lines.push(line) });
    const why = 'it did not come within 0.05 seconds';
    await expect(joins(rendezvous, 0, 3)).rejects.toMatchObject({ rank: 1, why });
    expect(await rendezvous.ended).toEqual({ kind: 'lost', rank: 1, why });
    expect(lines.filter((line) => line.includes('is timed out'))).toHaveLength(2);
  });

  test('ends when the rendezvous does not come in time', async () => {
    const rendezvous = await rendezvousOf(1);
    rendezvous.close();
    await rendezvous.ended;
    await expect(joins(rendezvous, 0, 1, { joinDeadlineMs: 100 })).rejects.toMatchObject({
      rank: null,
      why: 'the ranks did not find each other within 0.1 seconds',
    });
  });

  test('waits for a rendezvous that begins later', async () => {
    const closed = await rendezvousOf(1);
    closed.close();
    await closed.ended;
    const early = joins(closed, 0, 1);
    const rendezvous = await rendezvousOf(1, { port: closed.address.port });
    await closeAll([await early]);
    expect(await rendezvous.ended).toEqual({ kind: 'done' });
  });

  test('ends with the reason of the signal', async () => {
    const rendezvous = await rendezvousOf(2);
    const stop = new AbortController();
    const joining = joins(rendezvous, 0, 2, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(joining).rejects.toThrow('enough');
    rendezvous.close();
  });

  test('is not disturbed by a stranger', async () => {
    const rendezvous = await rendezvousOf(1);
    const stranger = net.connect(rendezvous.address.port, '127.0.0.1');
    stranger.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5));
    await new Promise((resolve) => stranger.once('close', resolve));
    await closeAll([await joins(rendezvous, 0, 1)]);
    expect(await rendezvous.ended).toEqual({ kind: 'done' });
  });
});

describe('a world ends', () => {
  test('for those who wait for a rank that has left, not for what it sent before', async () => {
    const { worlds } = await worldOf(2);
    const [first, second] = worlds as [World, World];
    await first.send(Uint8Array.of(7), 1);
    await first.close();
    const into = new Uint8Array(1);
    await second.receive(into, 0);
    expect(into).toEqual(Uint8Array.of(7));
    await expect(second.barrier()).rejects.toMatchObject({ rank: 0, why: 'it has left the group' });
    await second.close();
  });

  test('for all when one leaves early, with what it says', async () => {
    const { rendezvous, worlds } = await worldOf(3);
    const [first, second, third] = worlds as [World, World, World];
    const waiting = [second.barrier(), third.receive(new Uint8Array(1), 1)];
    const ends = Promise.allSettled(waiting);
    await first.close('the disk is full');
    for (const end of await ends) expect(end).toMatchObject({ reason: { rank: 0, why: 'the disk is full' } });
    await expect(second.barrier()).rejects.toThrow('rank 0 was lost: the disk is full');
    await closeAll([second, third]);
    expect(await rendezvous.ended).toEqual({ kind: 'lost', rank: 0, why: 'the disk is full' });
  });

  test('when a rank keeps the others waiting for too long', async () => {
    const { rendezvous, worlds } = await worldOf(2, { deadlineMs: 100, joinDeadlineMs: FAR_MS });
    const error: unknown = await worlds[0]!.barrier().catch((reason: unknown) => reason);
    expect(isRankLostError(error)).toBe(true);
    expect(error).toEqual(new RankLostError(1, 'no answer in 0.1 seconds'));
    await worlds[0]!.close();
    expect(await rendezvous.ended).toMatchObject({ kind: 'lost', rank: 1 });
    await worlds[1]!.close();
  });

  test('with the rendezvous', async () => {
    const { rendezvous, worlds } = await worldOf(2);
    const waiting = worlds[1]!.receive(new Uint8Array(1), 0);
    rendezvous.close();
    await expect(waiting).rejects.toMatchObject({ rank: null });
    expect(await rendezvous.ended).toEqual({ kind: 'closed' });
    await closeAll(worlds);
  });

  test('with a signal, and the others hear it', async () => {
    const stop = new AbortController();
    const rendezvous = await rendezvousOf(2);
    const worlds = await Promise.all([joins(rendezvous, 0, 2, { signal: stop.signal }), joins(rendezvous, 1, 2)]);
    const [mine, theirs] = worlds.map((world) =>
      world.allReduce(new Float32Array(9), 'sum').catch((error: unknown) => error),
    );
    expect(await mine).toBeUndefined();
    expect(await theirs).toBeUndefined();
    const waiting = worlds[0].barrier();
    stop.abort(new Error('interrupted by a person'));
    await expect(waiting).rejects.toThrow('interrupted by a person');
    await worlds[0].close();
    await expect(worlds[1].barrier()).rejects.toMatchObject({ rank: 0, why: 'interrupted by a person' });
    await worlds[1].close();
  });

  test('with its own close, for what is still under way', async () => {
    const { worlds } = await worldOf(2);
    const waiting = worlds[0]!.barrier();
    waiting.catch(() => undefined);
    await closeAll(worlds);
    await expect(waiting).rejects.toThrow('left the group');
  });
});

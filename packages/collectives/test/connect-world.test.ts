import { connectWorld, serveRendezvous } from '../src/index.ts';
import type { WorldOptions } from '../src/index.ts';
import { groupContract } from './group-contract.ts';
import type { OpenGroups } from './group-contract.ts';

/** A world whose ranks are all in this process, but talk as processes do. */
function openWorld(options: Partial<WorldOptions>): (size: number) => Promise<OpenGroups> {
  return async (size) => {
    const { address } = await serveRendezvous({ host: '127.0.0.1', port: 0, size, deadlineMs: 60_000 });
    const ranks = Array.from({ length: size }, (_, rank) => rank);
    const groups = await Promise.all(
      ranks.map((rank) => connectWorld({ rank, size, address, deadlineMs: 60_000, ...options })),
    );
    return { groups, close: async () => void (await Promise.all(groups.map((group) => group.close()))) };
  };
}

groupContract('by shared memory', openWorld({}));
groupContract('by connections', openWorld({ sharedFolder: null }));
groupContract('by a little shared memory', openWorld({ sharedBytes: 40_960 }));

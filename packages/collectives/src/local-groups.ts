import type { Group } from './group.ts';
import { Mailboxes } from './mailboxes.ts';
import { MeshGroup } from './mesh-group.ts';
import type { Mesh } from './mesh.ts';

/**
 * The ranks of a world within this process: for interpreters, and for tests of what ranks do together. Each is to be
 * used by code of its own, all of it under way at the same time; nothing ever comes too late.
 *
 * @param size ranks, at least 1
 * @returns one group a rank, in rank order
 */
export function localGroups(size: number): readonly Group[] {
  const boxes = Array.from({ length: size }, () => new Mailboxes(() => undefined));
  const ranks = boxes.map((_, rank) => rank);
  return ranks.map((rank) => new MeshGroup(localMesh(boxes, rank), ranks, 'world'));
}

function localMesh(boxes: readonly Mailboxes[], rank: number): Mesh {
  return {
    rank,
    size: boxes.length,
    post(channel, bytes, parcels) {
      for (const { to, beginByte, endByte } of parcels) {
        const copy = bytes.slice(beginByte, endByte);
        boxes[to]?.deliver(channel, rank, {
          bytes: copy.length,
          read: (into, at) => into.set(copy.subarray(at, at + into.length)),
          release: () => undefined,
        });
      }
    },
    take: (channel, from) => boxes[rank]!.take(channel, from, Infinity),
  };
}

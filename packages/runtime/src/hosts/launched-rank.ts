import { aloneGroup, connectWorld } from '@cairn/collectives';
import type { Group } from '@cairn/collectives';
import type { RankPlace } from '@cairn/launcher';

/**
 * Does something as a rank of the world that this process was launched into; alone when it was not.
 *
 * The rank leaves the world afterwards, and when it fails its peers are told why.
 */
export async function inWorld<T>(
  place: RankPlace | null,
  signal: AbortSignal,
  work: (world: Group) => Promise<T>,
): Promise<T> {
  if (place === null) return work(aloneGroup());
  const { rank, size, scheduler: address, key, nodeTimeoutMs: deadlineMs, clusterTimeoutMs: joinDeadlineMs } = place;
  const world = await connectWorld({ rank, size, address, key, deadlineMs, joinDeadlineMs, signal });
  try {
    const result = await work(world);
    await world.close();
    return result;
  } catch (error) {
    await world.close(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

import type { StoredPart } from '@cairn/strategy';
import type { Target } from './load-checkpoint.ts';
import type { RankWorld } from './rank-world.ts';

/**
 * Gives every rank what another one stores for it: the owner of a part sends it to all ranks that hold the same
 * (`remove_redundancy`). All ranks of the run call this alike.
 *
 * @param parts   what the ranks hold, in an order that is the same for all ranks of a stage
 * @param targets where it goes; what owners have loaded is there already
 */
export async function fetchLent(
  parts: readonly StoredPart[],
  targets: ReadonlyMap<string, Target>,
  world: RankWorld,
): Promise<void> {
  for (const { name, group, owner } of parts) {
    const values = targets.get(name)?.values;
    if (values === undefined || group.length === 1) continue;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const owned = await world.group(group).broadcast(bytes, group.indexOf(owner));
    if (owner !== world.all.rank) bytes.set(owned);
  }
}

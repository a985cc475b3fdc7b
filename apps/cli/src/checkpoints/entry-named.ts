import type { CheckpointEntry } from '@cairn/ckpt-format';
import { nearestName } from '../nearest-name.ts';
import { usageError } from '../usage-error.ts';
import type { OpenCheckpoint } from './open-checkpoint.ts';

/**
 * The entry of that name.
 *
 * @throws RunError exit 2 when there is none, naming the nearest
 */
export async function entryNamed({ file, index }: OpenCheckpoint, name: string): Promise<CheckpointEntry> {
  const entry = index.entries.find((each) => each.name === name);
  if (entry !== undefined) return entry;
  const nearest = nearestName(
    name,
    index.entries.map((each) => each.name),
  );
  const hint = nearest === null ? `cairn ckpt ls ${file} lists them` : `the nearest name is ${nearest}`;
  throw await usageError(`${file} holds no ${name}; ${hint}`, file);
}

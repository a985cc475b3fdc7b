import { localFolder } from '@cairn/storage';
import type { TransformOptions } from '@cairn/transform';

const USAGE = 2;

/**
 * Does the work of a rank and leaves upstream's mark of how it ended in the destination: nothing of Cairn waits for it,
 * scripts look for it (ruling 31). Words that make no sense leave no mark: nothing was begun.
 */
export async function writeMarkers(
  { rankId, dstCheckpoint }: TransformOptions,
  work: () => Promise<void>,
): Promise<void> {
  const folder = localFolder(dstCheckpoint);
  const [succeeded, failed] = ['succeed', 'failed'].map((how) => `transform_${how}_rank_${rankId ?? 0}.txt`);
  const mark = async (name: string, text: string): Promise<void> => {
    const draft = await folder.create(name);
    await draft.write(0, new TextEncoder().encode(text));
    await folder.commit([draft]);
  };
  await folder.remove(succeeded!);
  await folder.remove(failed!);
  try {
    await work();
    await mark(succeeded!, '');
  } catch (error) {
    const { failureOf } = await import('@cairn/runtime');
    const { exitCode, message } = failureOf(error);
    // Where the disk is full, there may be no room for the mark either.
    if (exitCode !== USAGE) await mark(failed!, message).catch(() => undefined);
    throw error;
  }
}

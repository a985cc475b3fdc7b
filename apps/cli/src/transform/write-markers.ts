import { localFolder } from '@cairn/storage';
import type { TransformOptions } from '@cairn/transform';

/**
 * Does the work of a rank and leaves upstream's mark of how it ended in the destination: nothing of Cairn waits for it,
 * scripts look for it (ruling 31).
 */
export async function writeMarkers<T>(
  { rankId }: TransformOptions,
  destination: string,
  work: () => Promise<T>,
): Promise<T> {
  const folder = localFolder(destination);
  const [succeeded, failed] = ['succeed', 'failed'].map((how) => `transform_${how}_rank_${rankId ?? 0}.txt`);
  const mark = async (name: string, text: string): Promise<void> => {
    const draft = await folder.create(name);
    await draft.write(0, new TextEncoder().encode(text));
    await folder.commit([draft]);
  };
  await folder.remove(succeeded!);
  await folder.remove(failed!);
  try {
    const result = await work();
    await mark(succeeded!, '');
    return result;
  } catch (error) {
    await mark(failed!, error instanceof Error ? error.message : String(error)).catch(() => undefined);
    throw error;
  }
}

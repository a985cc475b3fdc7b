import path from 'node:path';
import { localFolder } from '@cairn/storage';
import { writeStrategy } from '@cairn/strategy/files';
import type { StrategyFile } from '@cairn/strategy/files';

/**
 * Writes a strategy: as JSON when the name ends so, else in protobuf form. Missing folders are made.
 *
 * @throws StorageError
 */
export async function writeStrategyFile(file: string, strategy: StrategyFile): Promise<void> {
  const bytes = writeStrategy(strategy, file.endsWith('.json') ? 'json' : 'protobuf');
  await writeFiles(path.dirname(file), [{ name: path.basename(file), bytes }]);
}

/** Writes files so that each appears whole or not at all. */
export async function writeFiles(
  location: string,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Promise<void> {
  const folder = localFolder(location);
  const drafts = [];
  try {
    for (const { name, bytes } of files) {
      const draft = await folder.create(name);
      drafts.push(draft);
      await draft.write(0, bytes);
    }
    await folder.commit(drafts);
  } finally {
    for (const draft of drafts) await draft.discard();
  }
}

import { parseCheckpointName } from './checkpoint-name.ts';
import type { ListedFolder } from './list-checkpoints.ts';
import { rankOfFolder } from './survey.ts';

/** What is wrong with the `meta.json` of a folder: it cannot be read, or does not fit the files there. */
export function metaFlaws({ hasMeta, meta, metaProblem, files }: ListedFolder): readonly string[] {
  if (!hasMeta) return [];
  if (meta === null) return [metaProblem ?? 'it cannot be read'];
  const { lastEpoch, lastStep, lastFile } = meta;
  const name = parseCheckpointName(lastFile);
  return [
    ...(files.some(({ file }) => file === lastFile) ? [] : [`it names ${lastFile}, which is not there`]),
    ...(name === null || (name.epoch === lastEpoch && name.step === lastStep)
      ? []
      : [`it says epoch ${lastEpoch}, step ${lastStep}, and names ${lastFile}`]),
  ];
}

/** Files of a folder that are of a later step than the one its `meta.json` calls complete. */
export function newerThanMeta({ meta, files }: ListedFolder): readonly string[] {
  const last = files.find(({ file }) => file === meta?.lastFile)?.position?.step;
  if (last == null) return [];
  return files.flatMap(({ file, position }) => ((position?.step ?? 0) > last ? [file] : []));
}

/** The ranks of one run whose `meta.json` name different positions. */
export interface MetaDisagreement {
  /** The folder above the rank folders, below the listed one. */
  readonly path: string;
  readonly positions: readonly { readonly rank: number; readonly epoch: number; readonly step: number }[];
}

/** Folders whose ranks do not agree which save was the last complete one. */
export function metaDisagreements(folders: readonly ListedFolder[]): readonly MetaDisagreement[] {
  const parents = new Map<string, MetaDisagreement['positions'][number][]>();
  for (const { path, meta } of folders) {
    const rank = rankOfFolder(path);
    if (rank === null || meta === null) continue;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const position = { rank, epoch: meta.lastEpoch, step: meta.lastStep };
    parents.set(parent, [...(parents.get(parent) ?? []), position]);
  }
  return [...parents]
    .filter(([, [first, ...more]]) => more.some(({ epoch, step }) => epoch !== first?.epoch || step !== first.step))
    .map(([path, positions]) => ({ path, positions }));
}

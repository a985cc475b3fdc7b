import { writeStrategy } from '@cairn/strategy/files';
import { runLayoutOf } from '../strategy/run-layout.ts';
import { strategyBaseName, strategyFilesOf } from '../strategy/strategy-files.ts';
import { writeFiles } from '../strategy/write-strategy-file.ts';
import type { RankRun } from './rank-run.ts';
import type { RunSetup } from './run-setup.ts';

/**
 * Writes which slices this rank holds to `strategy/` of the output folder, as every run of several ranks does; the first
 * rank merges the stages when there are several (documents 001 and 002).
 */
export async function saveStrategy({ valid: { config }, world, emit }: RankRun, setup: RunSetup): Promise<void> {
  const layout = runLayoutOf(config, world.size);
  const base = strategyBaseName(config);
  const { fileName, bytesOf, merged } = strategyFilesOf(layout, base);
  const files = [{ name: fileName(world.rank, 'protobuf'), bytes: bytesOf(world.rank, 'protobuf') }];
  if (world.rank === 0 && layout.parallel.stages > 1) {
    files.push({ name: `merged_${base}.ckpt`, bytes: writeStrategy(merged, 'protobuf') });
  }
  const folder = `${setup.paths.output(config.output_dir)}/strategy`;
  await writeFiles(folder, files);
  for (const { name } of files) emit({ type: 'strategy-saved', path: `${folder}/${name}` });
}

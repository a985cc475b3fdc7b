import type { Survey, SurveyedFile } from '@cairn/ckpt-format/folder';
import { formatCheckpointName } from '@cairn/ckpt-format/folder';
import fc from 'fast-check';

/** A file of a rank, without its rank: most are as they should be, others are not. */
const anyFile = fc.record({
  run: fc.nat(1),
  epoch: fc.integer({ min: 1, max: 6 }),
  format: fc.constantFrom('ckpt' as const, 'ckpt' as const, 'safetensors' as const),
  /** How many steps off the name the file says it is. */
  off: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -4, max: 4 })),
  content: fc.oneof(
    { weight: 6, arbitrary: fc.constant('sound' as const) },
    fc.constantFrom('weights' as const, 'unreadable' as const),
  ),
  modifiedMs: fc.nat(5),
});
type AnyFile = typeof anyFile extends fc.Arbitrary<infer T> ? T : never;

function surveyed(rank: number, { run, epoch, format, off, content, modifiedMs }: AnyFile): SurveyedFile {
  const name = { prefix: 'x', rank, run, epoch, step: 2, format };
  const sound = content !== 'unreadable';
  const step = content === 'sound' ? Math.max(1, 2 * epoch + 20 * run + off) : null;
  return {
    file: formatCheckpointName(name),
    name,
    bytes: 1,
    modifiedMs,
    position: sound ? { step, epoch, globalBatchSize: 4, lossScale: 1 } : null,
    problem: sound ? null : 'truncated at byte 7',
    side: false,
  };
}

/** What ranks may have in their folders, whole or not, consistent or not; `meta.json` may name what is not there. */
export const anySurveys: fc.Arbitrary<readonly Survey[]> = fc
  .array(
    fc.record({
      files: fc.uniqueArray(anyFile, {
        maxLength: 7,
        selector: ({ run, epoch, format }) => `${run} ${epoch} ${format}`,
      }),
      meta: fc.option(fc.record({ run: fc.nat(1), epoch: fc.integer({ min: 1, max: 7 }) })),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((ranks) =>
    ranks.map(({ files, meta }, rank): Survey => {
      const lastFile = meta && formatCheckpointName({ prefix: 'x', rank, step: 2, format: 'ckpt', ...meta });
      return {
        rank,
        meta: meta && lastFile !== null ? { lastEpoch: meta.epoch, lastStep: 2, lastFile } : null,
        metaProblem: meta ? null : 'meta.json is not there',
        files: files.map((each) => surveyed(rank, each)),
      };
    }),
  );

import type { ByteSource } from '@cairn/bytes';
import { elementCount } from '@cairn/bytes';
import type { CheckpointFormat } from '@cairn/ckpt-format';
import { indexCheckpoint, isCkptError } from '@cairn/ckpt-format';
import { readNumber } from '@cairn/ckpt-format/folder';
import { openFile } from '@cairn/storage';
import type { SourceFile } from '@cairn/transform';
import { RunError } from '../run-error.ts';
import { fileStamp } from './file-stamp.ts';
import type { FoundSources } from './find-sources.ts';

/** Source files that have been looked into. */
export interface IndexedSources {
  readonly files: readonly SourceFile[];
  readonly format: CheckpointFormat;
  readonly warnings: readonly string[];
}

/**
 * Chooses a file of each rank and reads its index: the last by name, as document 002 says, or that of a step (ruling
 * 25). Contents are not read, but for the step.
 *
 * @throws RunError exit 4 when ranks are at different steps, files are damaged, or no file is of the step
 */
export async function indexSources(found: FoundSources, step: number | null): Promise<IndexedSources> {
  const warnings: string[] = [];
  const files: SourceFile[] = [];
  const steps = new Map<number, number>();
  for (const [rank, names] of found.ranks.entries()) {
    const looked = found.isComplete ? await lookAll(names) : [await choose(rank, names, step, warnings)];
    for (const each of looked) {
      files.push({ path: each.path, rank, stamp: each.stamp, index: each.index });
      if (each.step !== null) steps.set(rank, each.step);
    }
  }
  checkSteps(steps);
  const format = files[0]!.index.format;
  const other = files.find(({ index }) => index.format !== format);
  if (other === undefined) return { files, format, warnings };
  throw new RunError('usage', 2, `${files[0]!.path} and ${other.path} are of different formats: keep one`);
}

interface Looked extends Omit<SourceFile, 'rank'> {
  readonly step: number | null;
}

async function lookAll(names: readonly string[]): Promise<readonly Looked[]> {
  const looked: Looked[] = [];
  for (const name of names) looked.push(await look(name));
  return looked;
}

async function choose(
  rank: number,
  names: readonly string[],
  step: number | null,
  warnings: string[],
): Promise<Looked> {
  const last = names.at(-1)!;
  if (names.length === 1 && step === null) return look(last);
  const looked = await lookAll(names);
  if (step !== null) {
    const wanted = looked.findLast((each) => each.step === step);
    if (wanted !== undefined) return wanted;
    const steps = looked.map((each) => each.step ?? 'none').join(', ');
    throw new RunError('inconsistent', 4, `rank ${rank} has no checkpoint of step ${step}: its files are of ${steps}`, {
      rank,
      file: last,
    });
  }
  const chosen = looked.at(-1)!;
  const newest = looked.reduce((a, b) => ((b.step ?? -1) > (a.step ?? -1) ? b : a));
  if ((newest.step ?? -1) > (chosen.step ?? -1)) {
    const { path, step: newer } = newest;
    warnings.push(
      `rank ${rank}: ${last} is taken, the last by name; ${path} is newer (step ${newer}): --step ${newer} takes that`,
    );
  }
  return chosen;
}

async function look(name: string): Promise<Looked> {
  const stamp = fileStamp(name);
  const source = openFile(name);
  try {
    return { path: name, stamp, ...(await header(source, name)) };
  } catch (error) {
    if (!isCkptError(error)) throw error;
    const { code, message, tensor, byte } = error;
    throw new RunError(code, 4, `${name}: ${message}`, { file: name, tensor, byte }, { cause: error });
  } finally {
    await source.close();
  }
}

async function header(source: ByteSource, name: string): Promise<Pick<Looked, 'index' | 'step'>> {
  const index = await indexCheckpoint(source, name.endsWith('.safetensors') ? 'safetensors' : 'ckpt');
  const entry = index.entries.find((each) => each.name === 'step_num');
  if (entry?.kind !== 'tensor' || elementCount(entry.shape) !== 1) return { index, step: null };
  return { index, step: await readNumber(source, entry) };
}

function checkSteps(steps: ReadonlyMap<number, number>): void {
  if (new Set(steps.values()).size <= 1) return;
  const list = Array.from(steps, ([rank, step]) => `rank ${rank}: ${step}`).join(', ');
  const message = `the ranks' files are of different steps (${list}): --step N takes those of one`;
  throw new RunError('inconsistent', 4, message);
}

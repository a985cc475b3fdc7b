import type { TensorEntry, TextEntry } from '@cairn/ckpt-format';
import type { Arrangement } from './arrangement.ts';
import type { SourceFile } from './source-file.ts';
import { TransformError } from './transform-error.ts';

/** An entry in one source file. */
export interface Holding {
  /** Index of the file among the sources. */
  readonly source: number;
  readonly stage: number;
  /** Rank within the stage. */
  readonly local: number;
  readonly entry: TensorEntry | TextEntry;
}

/** Which source files hold what. */
export interface SourceCatalogue {
  /** Of a name all holdings: stages ascending, ranks ascending. */
  readonly byName: ReadonlyMap<string, readonly Holding[]>;
  /** Names in the order in which MindSpore meets them: files of the last stage's last rank first (mindspore-formats §5.1, 5.2). */
  namesOf(stages: ReadonlySet<number>): readonly string[];
}

/**
 * Looks up what source files hold by name.
 *
 * @throws TransformError `unsupported` for hash-table parameters, `inconsistent` when two files of a rank hold one name,
 *         or files disagree about a tensor
 */
export function catalogueOf(sources: readonly SourceFile[], from: Arrangement | null): SourceCatalogue {
  const devices = from?.devices ?? 1;
  const byName = new Map<string, Holding[]>();
  const inOrder = sources.map((file, source) => ({ file, source })).sort((a, b) => a.file.rank - b.file.rank);
  for (const { file, source } of inOrder) {
    const [stage, local] = [Math.floor(file.rank / devices), file.rank % devices];
    for (const entry of file.index.entries) {
      if (entry.kind === 'map') throw hashTable(entry.name, file);
      const held = byName.get(entry.name);
      const holding = { source, stage, local, entry };
      if (held === undefined) byName.set(entry.name, [holding]);
      else held.push(checked(holding, held, sources));
    }
  }
  return { byName, namesOf: (stages) => namesInOrder(inOrder, devices, stages) };
}

function namesInOrder(
  inOrder: readonly { readonly file: SourceFile }[],
  devices: number,
  stages: ReadonlySet<number>,
): readonly string[] {
  const names = new Set<string>();
  let at = inOrder.length;
  while (at > 0) {
    const { rank } = inOrder[at - 1]!.file;
    const first = inOrder.findIndex(({ file }) => file.rank === rank);
    // Several files of one rank are read in their own order.
    const files = stages.has(Math.floor(rank / devices)) ? inOrder.slice(first, at) : [];
    for (const { file } of files) for (const { name } of file.index.entries) names.add(name);
    at = first;
  }
  return [...names];
}

function checked(holding: Holding, held: readonly Holding[], sources: readonly SourceFile[]): Holding {
  const last = held.at(-1)!;
  const { entry } = holding;
  const [file, other] = [sources[holding.source]!, sources[last.source]!];
  const place = { tensor: entry.name, file: file.path };
  if (file.rank === other.rank) {
    const message = `${entry.name} is in ${other.path} and in ${file.path}: keep one of the two`;
    throw new TransformError('inconsistent', message, place);
  }
  // Stages may cut a tied tensor differently.
  if (last.stage === holding.stage && describe(entry) !== describe(last.entry)) {
    const message = `${entry.name} is ${describe(last.entry)} in ${other.path}, ${describe(entry)} in ${file.path}`;
    throw new TransformError('inconsistent', `${message}: the files are not of one checkpoint`, place);
  }
  return holding;
}

function describe(entry: TensorEntry | TextEntry): string {
  return entry.kind === 'text' ? 'a text' : `${entry.dtype}[${entry.shape}]`;
}

function hashTable(tensor: string, { path }: SourceFile): TransformError {
  const message = `${path}: ${tensor} is a hash table (MapParameter), which has no layout: it cannot be transformed`;
  return new TransformError('unsupported', message, { tensor, file: path });
}

import type { Space, Transformation } from '@cairn/runtime/transform';
import type { PlannedFile, PlannedSource } from '@cairn/transform';
import { countText, sizeText } from './size-text.ts';
import { tableLines } from './table.ts';
import { noteLines } from './transform-notes.ts';

/** Files of which the table shows each; of more the first and the last. */
const FILES_SHOWN = 32;

/** A plan for people: what it costs, each file in a row, who feeds whom, and what is to be known. */
export function planLines(
  { plan, destination, warnings }: Transformation,
  { wantedBytes, freeBytes, memoryBytes }: Space & { readonly memoryBytes: number },
): readonly string[] {
  const { sources, files, cost } = plan;
  const reads = sizeText(cost.readBytes);
  const writes = sizeText(cost.writeBytes);
  const [shown, left] = [shownOf(files), files.length - shownOf(files).length];
  const more = left === 0 ? [] : [`… ${left} more files`];
  return [
    `${countText(sources.length, 'source file')} → ${countText(files.length, 'file')} in ${destination}`,
    `reads ${reads}, writes ${writes}, opens up to ${countText(cost.openFiles, 'source file')} at once, holds about ${sizeText(memoryBytes)} of memory`,
    `needs ${sizeText(wantedBytes)} of disk, ${sizeText(freeBytes)} are free${wantedBytes > freeBytes ? ': not enough, apply will refuse' : ''}`,
    '',
    ...tableLines([
      ['file', 'size', 'entries', 'cut', 'as stored', 'from ranks'],
      ...shown.map((f) => rowOf(f, sources)),
    ]),
    ...more,
    '',
    ...pictureLines(shown, sources),
    '',
    ...noteLines(plan, warnings),
  ];
}

function shownOf(files: readonly PlannedFile[]): readonly PlannedFile[] {
  return files.length <= FILES_SHOWN ? files : [...files.slice(0, FILES_SHOWN - 1), files.at(-1)!];
}

function rowOf(file: PlannedFile, sources: readonly PlannedSource[]): readonly (string | number)[] {
  const cut = file.entries.filter((entry) => entry.kind === 'tensor' && entry.passed === null).length;
  const ranks = rankList(feedersOf(file, sources));
  return [file.name, sizeText(file.bytes), file.entries.length, cut, file.entries.length - cut, ranks];
}

/** Which source ranks a file takes elements from, ascending. */
function feedersOf({ entries }: PlannedFile, sources: readonly PlannedSource[]): readonly number[] {
  const ranks = new Set<number>();
  for (const entry of entries) {
    if (entry.kind === 'text') continue;
    for (const { from } of entry.takes) ranks.add(sources[from.source]!.rank);
  }
  return [...ranks].toSorted((a, b) => a - b);
}

/** `0-3, 8`. */
function rankList(ranks: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const rank of ranks) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === rank - 1) last[1] = rank;
    else runs.push([rank, rank]);
  }
  return runs.map(([begin, end]) => (begin === end ? `${begin}` : `${begin}-${end}`)).join(', ');
}

/** Source ranks as columns of a picture. */
const COLUMNS = 64;

/** A row for each file, a column for each source rank: ■ where the one feeds the other. */
function pictureLines(files: readonly PlannedFile[], sources: readonly PlannedSource[]): readonly string[] {
  const ranks = [...new Set(sources.map(({ rank }) => rank))].toSorted((a, b) => a - b);
  const columns = ranks.slice(0, COLUMNS);
  const width = Math.max(...files.map(({ rank }) => String(rank).length)) + 1;
  const digits = Math.max(...columns.map((rank) => String(rank).length));
  const heads = Array.from({ length: digits }, (_, i) => {
    const label = i === digits - 1 ? 'to'.padEnd(width) : ' '.repeat(width);
    return `${label} ${columns.map((rank) => String(rank).padStart(digits)[i]).join('')}${i === digits - 1 ? '  ← from rank' : ''}`;
  });
  const rows = files.map((file) => {
    const feeders = new Set(feedersOf(file, sources));
    const cells = columns.map((rank) => (feeders.has(rank) ? '■' : '·')).join('');
    return `${String(file.rank).padStart(width)} ${cells}`;
  });
  return [...heads, ...rows];
}

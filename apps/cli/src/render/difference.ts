import type { CheckpointDifference, CheckpointEntry, EntryDifference } from '@cairn/ckpt-format';
import { shapeText, shortened } from './checkpoint-file.ts';
import type { JsonObject } from './json-object.ts';
import { countText } from './size-text.ts';

/** Two files that were compared. */
export interface Compared {
  readonly a: string;
  readonly b: string;
  readonly tolerance: number;
  readonly difference: CheckpointDifference;
}

/** How two files differ, as an object for programs. */
export function differenceJson({ a, b, tolerance, difference }: Compared): JsonObject {
  const { equal, same, sameOrder, entries } = difference;
  return { a, b, tolerance, equal, same, sameOrder, differences: entries.map(entryJson) };
}

function entryJson(entry: EntryDifference): JsonObject {
  const { name, kind } = entry;
  switch (entry.kind) {
    case 'only-in-a':
    case 'only-in-b':
      return { name, kind, ...formJson(entry.entry) };
    case 'form':
      return { name, kind, a: formJson(entry.a), b: formJson(entry.b) };
    case 'text':
      return { name, kind, a: entry.a, b: entry.b };
    case 'values': {
      const { elements, differing, first, maxAbsolute, maxRelative, notFinite } = entry;
      return { name, kind, ...formJson(entry.entry), elements, differing, first, maxAbsolute, maxRelative, notFinite };
    }
  }
}

function formJson(entry: CheckpointEntry): JsonObject {
  return entry.kind === 'tensor' ? { dtype: entry.dtype, shape: entry.shape } : { type: entry.kind };
}

/** How two files differ, in words. */
export function differenceLines({ a, b, tolerance, difference }: Compared): readonly string[] {
  const { equal, same, sameOrder, entries } = difference;
  const within = entries.filter((entry) => entry.kind === 'values' && entry.differing === 0).length;
  const total = same + entries.length;
  return [
    ...entries.map((entry) => entryLine(entry, a, b)),
    ...(sameOrder ? [] : ['the entries stand in another order, which is no difference']),
    equal
      ? `equal${tolerance > 0 ? ` within ${tolerance}` : ''}: ${countText(total, 'entry', 'entries')}`
      : `different: ${entries.length - within} of ${countText(total, 'entry', 'entries')}`,
  ];
}

function entryLine(entry: EntryDifference, a: string, b: string): string {
  const { name } = entry;
  switch (entry.kind) {
    case 'only-in-a':
      return `${name}: only in ${a}, ${formText(entry.entry)}`;
    case 'only-in-b':
      return `${name}: only in ${b}, ${formText(entry.entry)}`;
    case 'form':
      return `${name}: ${formText(entry.a)} and ${formText(entry.b)}`;
    case 'text':
      return `${name}: ${shortened(entry.a)} and ${shortened(entry.b)}`;
    case 'values': {
      const { elements, differing, first, maxAbsolute, maxRelative, notFinite } = entry;
      const distance = `at most by ${maxAbsolute} (relative ${maxRelative.toPrecision(3)})`;
      if (differing === 0) return `${name}: within the tolerance, values differ ${distance}`;
      const special = notFinite > 0 ? `, ${notFinite} of them infinite or NaN` : '';
      const where = `${differing} of ${elements} values differ from element ${first} on${special}`;
      return `${name}: ${where}, ${distance}`;
    }
  }
}

function formText(entry: CheckpointEntry): string {
  return entry.kind === 'tensor' ? `${entry.dtype} ${shapeText(entry.shape)}` : `a ${entry.kind}`;
}

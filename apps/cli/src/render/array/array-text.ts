import type { ElementFormat } from './element-format.ts';

/** Columns of a line, as numpy. */
const LINE_WIDTH = 75;

/** An array, or the edges of a large one. */
export interface ShownArray {
  /** The elements that are shown, in C order. */
  readonly values: ArrayLike<number | bigint>;
  /** How many of them there are on each axis; at least one axis, none of them 0. */
  readonly shape: readonly number[];
  /** For each axis: behind how many of them something is left out; null when nothing is. */
  readonly gaps: readonly (number | null)[];
}

/** The elements in nested brackets, as numpy prints an array. */
export function arrayText({ values, shape, gaps }: ShownArray, format: ElementFormat): string {
  const nested = (axis: number, begin: number, indent: string): string => {
    const size = shape[axis]!;
    const left = shape.length - axis;
    const inner = shape.slice(axis + 1).reduce((product, each) => product * each, 1);
    const items = Array.from({ length: size }, (_, i) =>
      left === 1 ? format(values[begin + i]!) : nested(axis + 1, begin + i * inner, `${indent} `),
    );
    const gap = gaps[axis] ?? null;
    if (gap !== null) items.splice(gap, 0, '...');
    const width = LINE_WIDTH - axis - 1;
    return `[${left === 1 ? wrapped(items, indent, width) : items.join(`${'\n'.repeat(left - 1)}${indent}`)}]`;
  };
  return nested(0, 0, ' ');
}

/** Items with blanks between them, on lines that begin below the first item. */
function wrapped(items: readonly string[], indent: string, width: number): string {
  const lines: string[] = [];
  let line = indent;
  items.forEach((item, i) => {
    // A line that holds nothing yet gains nothing from a break.
    if (line.length + item.length > width && line.length > indent.length) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += i === items.length - 1 ? item : `${item} `;
  });
  return [...lines, line].join('\n').slice(indent.length);
}

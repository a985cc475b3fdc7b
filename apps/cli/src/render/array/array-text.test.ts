import { readFileSync } from 'node:fs';
import type { ElementType } from '@cairn/bytes';
import { elementValues } from '@cairn/ckpt-format';
import { describe, expect, test } from 'vitest';
import { arrayText } from './array-text.ts';
import { edgesOf } from './array-edges.ts';
import { elementFormat, scalarFormat } from './element-format.ts';
import { npyHeader } from './npy-header.ts';

/** What numpy printed and wrote: conformance/golden/numpy-print/README.md. */
const golden = JSON.parse(
  readFileSync(new URL('../../../../../conformance/golden/numpy-print/expected.json', import.meta.url), 'utf8'),
) as {
  readonly cases: readonly {
    readonly dtype: ElementType;
    readonly shape: readonly number[];
    readonly content: string;
    readonly text: string;
    readonly npy_header: string;
  }[];
};

describe('arrays are printed as by numpy', () => {
  test.each(golden.cases.map((each, i) => ({ i, ...each })))('$i: $dtype $shape', ({ dtype, shape, content, text }) => {
    const all = elementValues(dtype, new Uint8Array(Buffer.from(content, 'base64')));
    if (shape.length === 0) {
      expect(scalarFormat(dtype, all[0]!)).toBe(text);
      return;
    }
    if (all.length === 0) {
      expect(text).toBe('[]');
      return;
    }
    const edges = edgesOf(shape);
    if (edges === null) throw new Error('none of these is too much to print');
    // Whatever their type, typed arrays have these methods.
    const values = (all as Float64Array).filter((_, i) => edges.runs.some(([begin, end]) => i >= begin && i < end));
    expect(arrayText({ values, ...edges }, elementFormat(dtype, values))).toBe(text);
  });
});

test('.npy headers are those of numpy', () => {
  for (const { dtype, shape, npy_header } of golden.cases) {
    expect(Buffer.from(npyHeader(dtype, shape)).toString('latin1')).toBe(npy_header);
  }
});

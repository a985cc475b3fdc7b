import { expect, test } from 'vitest';
import * as api from '../src/index.ts';

test('the package exports these names', () => {
  expect(Object.keys(api).sort()).toEqual([
    'TensorDigest',
    'bfloat16Bits',
    'combineDigests',
    'crc32',
    'digestKernel',
    'elementBytes',
    'elementCount',
    'float16Bits',
    'fromBfloat16Bits',
    'fromFloat16Bits',
    'isElementType',
    'readBytes',
    'roundTo',
    'rowCopyKernel',
    'sourceOf',
    'tensorDigest',
  ]);
});

import { expect, test } from 'vitest';
import * as encryption from '../src/encryption/index.ts';
import * as root from '../src/index.ts';

test('the exports of @cairn/ckpt-format', () => {
  expect(Object.keys(root).sort()).toEqual([
    'CkptError',
    'crcTrailer',
    'indexCheckpoint',
    'isCkptError',
    'layoutCkpt',
    'layoutSafetensors',
    'readTensor',
    'verifyCrc',
    'writeCkpt',
    'writeSafetensors',
  ]);
});

test('the exports of @cairn/ckpt-format/encryption', () => {
  expect(Object.keys(encryption).sort()).toEqual(['decrypted', 'encryptingSink']);
});

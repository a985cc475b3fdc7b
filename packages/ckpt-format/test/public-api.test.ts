import { expect, test } from 'vitest';
import * as encryption from '../src/encryption/index.ts';
import * as folder from '../src/folder/index.ts';
import * as root from '../src/index.ts';

test('the exports of @cairn/ckpt-format', () => {
  expect(Object.keys(root).sort()).toEqual([
    'CkptError',
    'compareCheckpoints',
    'crcTrailer',
    'elementValues',
    'indexCheckpoint',
    'isCkptError',
    'layoutCkpt',
    'layoutSafetensors',
    'readElements',
    'readTensor',
    'tensorPieces',
    'verifyCrc',
    'writeCkpt',
    'writeSafetensors',
  ]);
});

test('the exports of @cairn/ckpt-format/encryption', () => {
  expect(Object.keys(encryption).sort()).toEqual(['decrypted', 'encryptingSink']);
});

test('the exports of @cairn/ckpt-format/folder', () => {
  expect(Object.keys(folder).sort()).toEqual([
    'MAX_SIDE_BYTES',
    'META_FILE',
    'formatCheckpointName',
    'formatMeta',
    'formatSideFile',
    'listCheckpoints',
    'metaDisagreements',
    'metaFlaws',
    'newerThanMeta',
    'nextRun',
    'parseCheckpointName',
    'parseMeta',
    'parseSideFile',
    'proveWhole',
    'rankFolder',
    'rankOfFolder',
    'readNumber',
    'readPosition',
    'readText',
    'runPrefix',
    'sideFileName',
    'survey',
    'verifyFile',
  ]);
});

import { expect, test } from 'vitest';
import * as resume from '../src/index.ts';

test('the exports of @cairn/resume', () => {
  expect(Object.keys(resume).sort()).toEqual([
    'ResumeError',
    'decideResume',
    'isResumeError',
    'isSaveDue',
    'namedPosition',
    'placeOf',
    'proofKey',
    'savesAnything',
    'toPrune',
    'trainingSpan',
  ]);
});

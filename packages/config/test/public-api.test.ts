import { expect, test } from 'vitest';
import * as api from '../src/index.ts';

test('the package exports these names', () => {
  expect(Object.keys(api).sort()).toEqual([
    'ConfigError',
    'RUN_FLAGS',
    'blocksRun',
    'configFromTrainingArguments',
    'configValue',
    'dotted',
    'expectConfig',
    'formatIssue',
    'formatPlace',
    'isConfigError',
    'jsonSchema',
    'parseConfig',
    'parseRunFlags',
    'renderConfig',
    'showConfig',
  ]);
});

import { expect, test } from 'vitest';
import * as api from '../src/index.ts';
import * as mindformers from '../src/mindformers/index.ts';

test('the package exports these names', () => {
  expect(Object.keys(api).sort()).toEqual([
    'RECORD_FILE',
    'RunError',
    'checkConfig',
    'configStrategy',
    'failureOf',
    'isRunError',
    'locatedMessage',
    'makeStrategy',
    'mergeStrategyFolder',
    'planResume',
    'readConfigFile',
    'readConfigText',
    'readStrategySource',
    'run',
    'runWithRestarts',
    'writeStrategyFile',
  ]);
  expect(Object.keys(mindformers).sort()).toEqual([
    'AutoModel',
    'AutoModelForCausalLM',
    'Trainer',
    'TrainingArguments',
    'buildContext',
  ]);
});

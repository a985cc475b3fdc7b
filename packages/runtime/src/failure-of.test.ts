import { CkptError } from '@cairn/ckpt-format';
import { ConfigError, parseConfig } from '@cairn/config';
import { DataError } from '@cairn/data';
import { MindRecordError } from '@cairn/mindrecord';
import { ModelError } from '@cairn/model';
import { OptimError } from '@cairn/optim';
import { ResumeError } from '@cairn/resume';
import { StorageError } from '@cairn/storage';
import { expect, test } from 'vitest';
import { failureOf, locatedMessage } from './failure-of.ts';
import { RunError } from './run-error.ts';

const aborted = new DOMException('stopped', 'AbortError');

/** One error of each package and the exit code it stands for (docs/errors.md). */
test.each([
  [new RunError('rank-lost', 5, 'x'), 5],
  [new ConfigError([]), 2],
  [new ModelError('x', ['model']), 2],
  [new OptimError('x', ['optimizer']), 2],
  [new ResumeError('nothing-to-resume', 'x'), 3],
  [new ResumeError('nothing-left', 'x'), 3],
  [new ResumeError('inconsistent', 'x'), 4],
  [new ResumeError('refused', 'x'), 2],
  [new DataError('nothing-left', 'x'), 3],
  [new DataError('option', 'x'), 2],
  [new DataError('value-range', 'x'), 4],
  [new MindRecordError('file-missing', 'x', { file: 'f' }), 2],
  [new MindRecordError('truncated', 'x', { file: 'f', byte: 9 }), 4],
  [new CkptError('truncated', 'x'), 4],
  [new StorageError('no-space', 'x', 'f'), 6],
  [aborted, 130],
  [new TypeError('x'), 1],
  ['a text', 1],
])('%s is exit code %i', (error, exitCode) => {
  expect(failureOf(error).exitCode).toBe(exitCode);
});

test('the cause and the place are kept', () => {
  const cause = new MindRecordError('truncated', 'x', { file: 'f', byte: 9 });
  const failure = failureOf(cause);
  expect(failure.cause).toBe(cause);
  expect(failure.place).toMatchObject({ file: 'f', byte: 9 });
});

test('an error with a configuration path is told with file, line and column', async () => {
  const valid = await parseConfig({ name: 'a.yaml', text: 'seed: 1\noptimizer:\n  type: Adamant\n' });
  if (!valid.ok) throw new Error('the text is valid');
  const error = new RunError('unsupported', 2, 'Adamant is not computed', { path: ['optimizer', 'type'] });
  expect(locatedMessage(error, valid.origins)).toBe('a.yaml:3:9: optimizer.type: Adamant is not computed');
  expect(locatedMessage(error, null)).toBe('optimizer.type: Adamant is not computed');
});

import { isCkptError } from '@cairn/ckpt-format';
import { isRankLostError } from '@cairn/collectives';
import { formatPlace, isConfigError } from '@cairn/config';
import type { Origins } from '@cairn/config';
import { isDataError } from '@cairn/data';
import { isGraphError } from '@cairn/graph';
import { isLaunchError } from '@cairn/launcher';
import { isMindRecordError } from '@cairn/mindrecord';
import { isModelError } from '@cairn/model';
import { isOptimError } from '@cairn/optim';
import { isResumeError } from '@cairn/resume';
import { isStorageError } from '@cairn/storage';
import { isStrategyError } from '@cairn/strategy';
import { isTransformError } from '@cairn/transform';
import type { TransformErrorCode } from '@cairn/transform';
import { isRunError, RunError } from './run-error.ts';
import type { ExitCode } from './run-error.ts';

/** Exit codes of the errors that carry a code of a closed union. */
const RESUME_EXIT = { 'nothing-to-resume': 3, 'nothing-left': 3, inconsistent: 4, refused: 2 } as const;

const TRANSFORM_EXIT: Readonly<Record<TransformErrorCode, ExitCode>> = {
  usage: 2,
  refused: 2,
  'nothing-in-common': 4,
  inconsistent: 4,
  incomplete: 4,
  'source-changed': 4,
  unsupported: 4,
};

/** Codes of MindRecordError and DataError that are the configuration's fault; the others say that a file is damaged. */
const CONFIGURED = new Set([
  'file-missing',
  'name',
  'schema',
  'size',
  'file-exists',
  'column-missing',
  'column-type',
  'empty',
  'option',
]);

/** Any error of the packages as one of this package, with its exit code; what is not known is a bug of ours. */
export function failureOf(error: unknown): RunError {
  const known = isRunError(error) ? error : (ofConfiguration(error) ?? ofFiles(error) ?? ofRanks(error));
  if (known !== null) return known;
  const options = { cause: error };
  if (error instanceof Error && error.name === 'AbortError') {
    return new RunError('interrupted', 130, 'interrupted', {}, options);
  }
  const message = error instanceof Error ? error.message : String(error);
  const what = isGraphError(error) ? "the model's graph does not fit" : 'this is a bug of Cairn';
  return new RunError('bug', 1, `${what}: ${message}`, {}, options);
}

function ofConfiguration(error: unknown): RunError | null {
  const options = { cause: error };
  if (isConfigError(error)) return new RunError('config-invalid', 2, error.message, {}, options);
  if (isModelError(error) || isOptimError(error)) {
    return new RunError(error.code, 2, error.message, { path: error.path }, options);
  }
  if (isResumeError(error)) {
    const place = { rank: error.rank ?? undefined, file: error.file ?? undefined };
    return new RunError(error.code, RESUME_EXIT[error.code], error.message, place, options);
  }
  return null;
}

function ofFiles(error: unknown): RunError | null {
  const options = { cause: error };
  if (isDataError(error)) {
    const exitCode = error.code === 'nothing-left' ? 3 : configuredOrDamaged(error.code);
    return new RunError(error.code, exitCode, error.message, { path: error.path?.split('.') }, options);
  }
  if (isMindRecordError(error)) {
    const place = { file: error.file, byte: error.byte };
    return new RunError(error.code, configuredOrDamaged(error.code), error.message, place, options);
  }
  if (isCkptError(error)) {
    return new RunError(error.code, 4, error.message, { tensor: error.tensor, byte: error.byte }, options);
  }
  if (isStrategyError(error)) {
    const exitCode = error.code === 'impossible' ? 2 : 4;
    return new RunError(error.code, exitCode, error.message, error.place, options);
  }
  if (isTransformError(error)) {
    return new RunError(error.code, TRANSFORM_EXIT[error.code], error.message, error.place, options);
  }
  return isStorageError(error) ? new RunError(error.code, 6, error.message, { file: error.file }, options) : null;
}

function ofRanks(error: unknown): RunError | null {
  const options = { cause: error };
  if (isRankLostError(error))
    return new RunError(error.code, 5, error.message, { rank: error.rank ?? undefined }, options);
  if (!isLaunchError(error)) return null;
  return new RunError(error.code, error.code === 'scheduler-lost' ? 5 : 2, error.message, {}, options);
}

function configuredOrDamaged(code: string): ExitCode {
  return CONFIGURED.has(code) ? 2 : 4;
}

/** An error's message with the place in the configuration it points to, when it has one. */
export function locatedMessage(error: RunError, origins: Origins | null): string {
  const { path } = error.place;
  const place = path && origins ? formatPlace(origins.locate(path)) : '';
  const key = path ? `${path.join('.')}: ` : '';
  const named = path && error.message.startsWith(path.join('.')) ? error.message : `${key}${error.message}`;
  return place === '' ? named : `${place}: ${named}`;
}

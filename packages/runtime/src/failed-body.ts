import type { ValidConfig } from '@cairn/config';
import type { EventBody } from '@cairn/events';
import { failureOf, locatedMessage } from './failure-of.ts';

/** How an error ends a run. */
export function failedBody(error: unknown, valid: ValidConfig | null): EventBody {
  const failure = failureOf(error);
  const { rank, tensor, file, byte } = failure.place;
  return {
    type: 'run-failed',
    code: failure.code,
    exitCode: failure.exitCode,
    message: locatedMessage(failure, valid?.origins ?? null),
    failedRank: rank ?? null,
    tensor: tensor ?? null,
    file: file ?? null,
    byte: byte ?? null,
  };
}

import { createHash } from 'node:crypto';
import type { RunConfig } from '@cairn/config';

/** A short digest of a configuration: the same for the same values, whatever file or flag they came from. */
export function configDigest(config: RunConfig): string {
  const { environment: _where, ...values } = config;
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16);
}

import type { Group } from '../../src/index.ts';

/** Digest of what all ranks have in common, what was received, digest of what the subgroup has. */
export function operations(group: Group): Promise<readonly [string, string, string]>;

import fs from 'node:fs';
import type { Transformation } from '@cairn/runtime/transform';
import { guarded } from '@cairn/storage';
import type { TransformOptions } from '@cairn/transform';
import { usageError } from '../usage-error.ts';

/** Version of the form in which plans are printed. */
const VERSION = 1;

/** A plan that was printed: what it was asked for, and its digest. */
export interface StoredPlan {
  readonly id: string;
  readonly options: TransformOptions;
}

/** A plan for programs: one object, on one line. */
export function planJson(options: TransformOptions, { plan, id, destination, warnings }: Transformation): string {
  return JSON.stringify({ cairn: VERSION, id, options, destination, warnings, ...plan });
}

/**
 * Reads what was asked for from a plan that was printed. Where every byte goes is worked out again; the digest tells
 * whether it is the same.
 *
 * @throws RunError exit 2 when the file is none
 */
export async function readStoredPlan(file: string): Promise<StoredPlan> {
  const text = guarded(file, () => fs.readFileSync(file, 'utf8'));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw await usageError(`${file} is no plan: ${String(error)}`, file);
  }
  if (!isStored(value)) throw await usageError(`${file} is not what cairn transform plan --json prints`, file);
  return value;
}

function isStored(value: unknown): value is StoredPlan {
  if (typeof value !== 'object' || value === null) return false;
  // Options of this version were written by planJson.
  return 'cairn' in value && value.cairn === VERSION && 'id' in value && 'options' in value;
}

import fs from 'node:fs';
import { guarded } from '@cairn/storage';
import { TransformError } from '@cairn/transform';

/** The state of a file: any change of its content gives another, also when its times are put back. */
export function fileStamp(file: string): string {
  const { size, mtimeNs, ctimeNs, ino } = guarded(file, () => fs.statSync(file, { bigint: true }));
  return [size, mtimeNs, ctimeNs, ino].join('-');
}

/** @throws TransformError `source-changed` when a file is not in the state it was planned with */
export function checkStamp(file: string, stamp: string): void {
  if (fs.existsSync(file) && fileStamp(file) === stamp) return;
  const message = `${file} has changed since the plan was made: plan again`;
  throw new TransformError('source-changed', message, { file });
}

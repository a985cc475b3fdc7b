import fs from 'node:fs';
import path from 'node:path';
import type { StartPoint } from './start-point.ts';

/** Folders of this kind are for their owner and group (mindformers-behaviour §1.7). */
const FOLDER_MODE = 0o750;

/**
 * Writes the resume decision where upstream's ranks read it (ruling 17), for people and tools: the path in
 * `resume_record/latest_checkpointed_iteration.txt`, or that no `meta.json` was found. Nothing of Cairn reads it.
 */
export function writeResumeRecord(output: string, start: Extract<StartPoint, { kind: 'resume' }>): void {
  if (start.search === 'named') return;
  const folder = path.join(output, 'resume_record');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  const text = start.search === 'meta' ? `${start.file}\n` : 'FOUND NO META.JSON';
  fs.writeFileSync(path.join(folder, 'latest_checkpointed_iteration.txt'), text);
}

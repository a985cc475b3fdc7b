import fs from 'node:fs';
import path from 'node:path';
import type { Survey } from '@cairn/ckpt-format/folder';
import { rankFolder, survey } from '@cairn/ckpt-format/folder';
import { proofKey, ResumeError } from '@cairn/resume';
import type { Reason } from '@cairn/resume';
import { localFolder } from '@cairn/storage';
import { proveFile } from './rank/checkpoint-file.ts';
import { rankRoot } from './rank/rank-root.ts';
import type { SealSettings } from './rank/sealed-files.ts';
import { unsealed } from './rank/sealed-files.ts';
import { settleResume, wantedCheckpoint } from './rank/settle-resume.ts';
import { neighbourHint } from './run-paths.ts';

/** What to plan for. */
export interface ResumeQuestion {
  /** Folder that holds the rank folders. */
  readonly loadCheckpoint: string;
  readonly worldSize: number;
  /** True = the newest; a text = the checkpoint of that name. */
  readonly resumeTraining: true | string;
  /** Each rank's last file by time, whatever its step (`resume_by_last_timestamp_ckpt`). */
  readonly lastTimestamp?: boolean;
  /** Key and cipher of encrypted checkpoints. */
  readonly seal?: SealSettings | null;
}

/** From where each rank would continue. */
export interface ResumePlan {
  readonly step: number;
  /** Path of each rank's checkpoint, by rank. */
  readonly files: readonly string[];
  readonly reasons: readonly Reason[];
  readonly warnings: readonly string[];
}

/**
 * Says from where the ranks of a run would resume, and why, without starting anything: the decision of the run itself,
 * with every file proven that it rests on. Files are proven by structure, CRC and side file; what entries they should
 * hold only a run knows.
 *
 * @throws ResumeError when they would not resume
 */
export async function planResume(question: ResumeQuestion): Promise<ResumePlan> {
  const { loadCheckpoint, worldSize, resumeTraining, lastTimestamp = false, seal = null } = question;
  if (!fs.existsSync(loadCheckpoint)) {
    const message = `${loadCheckpoint} does not exist${neighbourHint(path.resolve(loadCheckpoint))}`;
    throw new ResumeError('nothing-to-resume', message, { file: loadCheckpoint });
  }
  if (!fs.statSync(loadCheckpoint).isDirectory()) {
    throw new ResumeError('refused', `${loadCheckpoint} is a file: name the folder that holds the rank folders`);
  }
  const root = rankRoot(loadCheckpoint);
  const folder = localFolder(root);
  const surveys: Survey[] = [];
  for (let rank = 0; rank < worldSize; rank++) {
    surveys.push(await survey(folder, rank, (source) => unsealed(source, seal)));
  }
  const fileOf = (rank: number, file: string): string => path.join(root, rankFolder(rank), file);
  const { step, files, reasons, warnings } = await settleResume(
    surveys,
    wantedCheckpoint(resumeTraining, lastTimestamp),
    async (unproven) => {
      const proofs = [];
      for (const { rank, file } of unproven) {
        proofs.push([proofKey(rank, file), await proveFile(fileOf(rank, file), null, seal)] as const);
      }
      return proofs;
    },
  );
  return { step, files: files.map((file, rank) => fileOf(rank, file)), reasons, warnings };
}

import { failureOf, planResume } from '@cairn/runtime';
import type { ResumeQuestion } from '@cairn/runtime';
import { keyOf } from '../checkpoints/unlock.ts';
import type { KeyFlags } from '../checkpoints/unlock.ts';
import type { OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';
import { resumePlanLines } from '../render/resume-plan.ts';

/** Texts as they stand on the command line. */
export interface PlanFlags extends OutputFlags, KeyFlags {
  readonly load_checkpoint: string;
  readonly world_size: string;
  readonly resume_training: string;
  readonly resume_by_last_timestamp_ckpt: string;
}

/** @returns the exit code */
export async function planCommand(flags: PlanFlags): Promise<number> {
  const output = processOutput(flags);
  const worldSize = Number(flags.world_size);
  if (!Number.isInteger(worldSize) || worldSize < 1) {
    process.stderr.write(`error: --world_size ${flags.world_size} should be a number of ranks, at least 1\n`);
    return 2;
  }
  const question: ResumeQuestion = {
    loadCheckpoint: flags.load_checkpoint,
    worldSize,
    resumeTraining: isTrue(flags.resume_training) || flags.resume_training,
    lastTimestamp: isTrue(flags.resume_by_last_timestamp_ckpt),
    seal: await keyOf(flags),
  };
  try {
    const plan = await planResume(question);
    if (output.json) output.data(JSON.stringify({ ok: true, ...plan }));
    else for (const line of resumePlanLines(plan)) output.data(line);
    return 0;
  } catch (error) {
    const { code, exitCode, message, place } = failureOf(error);
    if (exitCode === 1) throw error;
    if (output.json) {
      output.data(
        JSON.stringify({ ok: false, code, exitCode, message, rank: place.rank ?? null, file: place.file ?? null }),
      );
    }
    process.stderr.write(`error: ${message}\n`);
    return exitCode;
  }
}

function isTrue(text: string): boolean {
  return text.toLowerCase() === 'true';
}

import type { ResumePlan } from '@cairn/runtime';

/** Ranks listed one by one; beyond it the first ones stand for all. */
const LISTED_RANKS = 8;

/** A resume plan in words: from where, why, and what else was looked at. */
export function resumePlanLines({ step, files, reasons, warnings }: ResumePlan): readonly string[] {
  const listed = files.slice(0, LISTED_RANKS).map((file, rank) => `  rank ${rank}: ${file}`);
  const more = files.length > LISTED_RANKS ? [`  and ${files.length - LISTED_RANKS} more ranks`] : [];
  return [
    `${files.length === 1 ? 'the rank resumes' : `${files.length} ranks resume`} after step ${step}, from`,
    ...listed,
    ...more,
    'looked at:',
    ...reasons.map(
      ({ rank, file, verdict, why }) => `  ${verdict}: ${rank === null ? '' : `rank ${rank}: `}${file}: ${why}`,
    ),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}

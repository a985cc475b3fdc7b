import type { Flaw } from '@cairn/ckpt-format/folder';
import type { Finding } from '../checkpoints/verify-path.ts';
import type { JsonObject } from './json-object.ts';

/** What was found out about a file, as an object for programs. */
export function findingJson(finding: Finding): JsonObject & { readonly ok: boolean } {
  const { file } = finding;
  switch (finding.kind) {
    case 'checkpoint': {
      const { whole, structure, crc, tensors, digested, position, flaws } = finding.verdict;
      const { format, side } = finding;
      const step = position?.step ?? null;
      return { file, ok: whole, format, structure, crc, side, tensors, digested, step, flaws };
    }
    case 'problem':
      return { file, ok: false, problem: finding.why };
    case 'notice':
      return { file, ok: true, notice: finding.why };
  }
}

/** What was found out about a file, in words. */
export function findingLines(finding: Finding): readonly string[] {
  const { file } = finding;
  if (finding.kind === 'problem') return [`${file}: wrong: ${finding.why}`];
  if (finding.kind === 'notice') return [`${file}: note: ${finding.why}`];
  const { verdict } = finding;
  if (verdict.whole) return [`${file}: whole: ${provenText(finding)}`];
  return [`${file}: damaged`, ...verdict.flaws.map((flaw) => `  ${flawText(flaw)}`)];
}

/** Exactly what the word whole rests on, and what there was nothing to check by. */
function provenText({ verdict, side }: Finding & { readonly kind: 'checkpoint' }): string {
  const { crc, tensors, digested, position } = verdict;
  const proven = [
    'structure',
    ...(crc === 'ok' ? ['CRC'] : []),
    ...(digested > 0 ? [`digests of ${digested} of ${tensors} tensors`] : []),
  ];
  const missing = [
    ...(crc === 'absent' ? ['no CRC'] : []),
    ...(side === 'absent' ? ['no side file'] : []),
    ...(position?.step == null ? ['no step_num: weights only, or cut off between two entries'] : []),
  ];
  // Without either, changed values and a .ckpt that was cut between two entries look sound.
  const only = proven.length === 1 ? ' only' : '';
  return `${proven.join(', ')}${only}${missing.length > 0 ? `; ${missing.join(', ')}` : ''}`;
}

function flawText({ why, tensor, byte }: Flaw): string {
  const place = [
    ...(tensor === null || why.includes(tensor) ? [] : [`tensor ${tensor}`]),
    ...(byte === null || why.includes(`byte ${byte}`) ? [] : [`from byte ${byte} on`]),
  ];
  return place.length > 0 ? `${why} (${place.join(', ')})` : why;
}

import type { TransformPlan } from '@cairn/transform';
import { countText } from './size-text.ts';

/** Names shown of a note. */
const NAMES_SHOWN = 4;

/** What a person should know about a plan: warnings first. */
export function noteLines({ notes }: TransformPlan, warnings: readonly string[]): readonly string[] {
  const told = notes
    .toSorted((a, b) => Number(b.isWarning) - Number(a.isWarning))
    .map(({ message, tensors, isWarning }) => {
      const more = tensors.length > NAMES_SHOWN ? ', …' : '';
      const names = `${tensors.slice(0, NAMES_SHOWN).join(', ')}${more}`;
      return `${isWarning ? 'warning' : 'note'}: ${countText(tensors.length, 'entry', 'entries')} ${message}: ${names}`;
    });
  return [...warnings.map((warning) => `warning: ${warning}`), ...told];
}

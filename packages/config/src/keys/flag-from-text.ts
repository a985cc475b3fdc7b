import { editDistance } from './nearest-name.ts';
import type { Respelled } from './leaf.ts';

const TRUE_WORDS = new Set(['true', 'yes', 'on']);
const FALSE_WORDS = new Set(['false', 'no', 'off']);

/** The flag a text was meant to be: quoted or misspelled; null when it is neither. */
export function flagFromText(text: string): Respelled | null {
  const word = text.trim().toLowerCase();
  const quoted = `"${text}" is a text, and Python takes every text for true`;
  if (TRUE_WORDS.has(word)) return { value: true, note: `${quoted}; taken as True, write True without quotes` };
  if (FALSE_WORDS.has(word)) return { value: false, note: `${quoted}; taken as False, write False without quotes` };
  const [toTrue, toFalse] = [editDistance(word, 'true'), editDistance(word, 'false')];
  if (Math.min(toTrue, toFalse) > 2 || toTrue === toFalse || word.length < 3) return null;
  const value = toTrue < toFalse;
  const nearest = value ? 'True' : 'False';
  return {
    value,
    note: `"${text}" is neither True nor False; taken as ${nearest}, the nearest (Python takes every text for true)`,
  };
}

import type { ConfigPath, ConfigValue } from '../config-value.ts';
import { dotted } from '../config-value.ts';
import type { Leaf } from './leaf.ts';

/** Longest value that a message repeats. */
const MAX_SHOWN = 60;

/** Says of a wrong value what the rule is, what was found, and what to write. */
export function wrongValue(path: ConfigPath, leaf: Leaf<unknown>, found: ConfigValue): string {
  const name = path.at(-1) ?? '';
  return `${dotted(path)} must be ${leaf.rule}; found ${shown(found)}. ${fix(name, leaf, found)}`;
}

function fix(name: string, leaf: Leaf<unknown>, found: ConfigValue): string {
  const nearest = leaf.suggest?.(found) ?? null;
  if (nearest !== null) return `Did you mean ${nearest}?`;
  if (typeof found === 'string' && found.trim() !== '' && leaf.schema().safeParse(Number(found)).success) {
    return `Take the quotes away: ${name}: ${found}`;
  }
  if (typeof found === 'number' && leaf.schema().safeParse(String(found)).success) {
    return `Put it in quotes: ${name}: "${found}"`;
  }
  return `Write for example ${name}: ${leaf.example}`;
}

/** A value as a message shows it: its text and its kind. */
export function shown(value: ConfigValue): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') {
    return `the text "${value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}...` : value}"`;
  }
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? `the number ${value}` : 'a mapping';
}

import path from 'node:path';

/** What a launch runs on every rank (ruling 34). */
export type LaunchedProgram =
  /** Cairn's own run, with these flags. */
  | { readonly kind: 'run'; readonly flags: readonly string[] }
  /** Another command of Cairn. */
  | { readonly kind: 'cairn'; readonly args: readonly string[] }
  /** Any program; scripts of JavaScript under node. */
  | { readonly kind: 'program'; readonly command: string; readonly args: readonly string[] };

/** Upstream's programs and the commands of Cairn that do the same. */
const TWINS: ReadonlyMap<string, string> = new Map([
  ['run_mindformer.py', 'run'],
  ['run_qwen1_5_chat.py', 'chat'],
]);

/** Commands of Cairn that a rank can run. */
const COMMANDS = new Set(['run', 'chat']);

/**
 * What the words of a launched command stand for.
 *
 * @param words at least one
 */
export function launchedProgram(words: readonly string[]): LaunchedProgram {
  const [first = '', ...rest] = words;
  const [script = ''] = rest;
  if (/^python3?$/.test(path.basename(first)) && TWINS.has(path.basename(script))) return launchedProgram(rest);
  if (first === 'cairn') return ofCairn(script, rest.slice(1));
  const twin = TWINS.get(path.basename(first)) ?? (COMMANDS.has(first) ? first : null);
  if (twin !== null) return ofCairn(twin, rest);
  if (/\.m?js$/.test(first)) return { kind: 'program', command: 'node', args: words };
  return { kind: 'program', command: first, args: rest };
}

function ofCairn(command: string, args: readonly string[]): LaunchedProgram {
  return command === 'run' ? { kind: 'run', flags: args } : { kind: 'cairn', args: [command, ...args] };
}

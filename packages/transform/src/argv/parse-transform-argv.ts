import { TransformError } from '../transform-error.ts';
import { UNIFIED_PART_BYTES } from '../unified-files.ts';
import { readFlags } from './read-flags.ts';
import { sizeOf } from './size-of.ts';
import type { TransformOptions } from './transform-options.ts';
import { DEFAULT_MEMORY_BYTES, DEFAULT_PREFIX } from './transform-options.ts';

const NAMES = [
  'src_checkpoint',
  'src_strategy',
  'dst_checkpoint',
  'dst_checkpoint_dir',
  'dst_strategy',
  'prefix',
  'rank_id',
  'world_size',
  'transform_process_num',
  'jobs',
  'transform_by_rank',
  'step',
  'output_format',
  'unified',
  'part_size',
  'memory',
  'plan',
] as const;

type Flags = ReadonlyMap<(typeof NAMES)[number], string>;

/** A command line of `transform plan` or `apply`. */
export type TransformArgv =
  | { readonly form: 'flags'; readonly options: TransformOptions }
  /** As transform_checkpoint.sh: each process is started on its own, and writes a log. */
  | { readonly form: 'positional'; readonly options: TransformOptions }
  /** A plan that was made before. */
  | { readonly form: 'plan'; readonly file: string; readonly processNum: number | null; readonly memoryBytes: number };

/**
 * Reads the flags of transform_checkpoint.py, or the words of transform_checkpoint.sh: `src_checkpoint src_strategy
 * dst_checkpoint dst_strategy world_size process_num [prefix]` (mindformers-behaviour §3.6). `None` and nothing mean no
 * strategy (ruling 32).
 *
 * @throws TransformError `usage`
 */
export function parseTransformArgv(argv: readonly string[]): TransformArgv {
  const { flags, words } = readFlags(argv, NAMES, ['transform_by_rank', 'unified']);
  const plan = textOf(flags, 'plan');
  if (plan !== null) return planForm(plan, flags, words);
  if (words.length === 0) return { form: 'flags', options: fromFlags(flags) };
  if (words.length !== 6 && words.length !== 7) {
    const wanted = 'src_checkpoint src_strategy dst_checkpoint dst_strategy world_size process_num [prefix]';
    throw new TransformError('usage', `${words.length} words are given, 6 or 7 are needed: ${wanted}`);
  }
  const [src_checkpoint, src_strategy, dst_checkpoint, dst_strategy, world_size, transform_process_num, prefix] = words;
  const given = { src_checkpoint, src_strategy, dst_checkpoint, dst_strategy, world_size, transform_process_num };
  const named = Object.entries({ ...given, ...(prefix === undefined ? {} : { prefix }) });
  // The keys are those of the object above.
  const all = new Map([...flags, ...named]) as Flags;
  return { form: 'positional', options: fromFlags(all) };
}

function planForm(file: string, flags: Flags, words: readonly string[]): TransformArgv {
  const others = [...flags.keys()].filter(
    (name) => !['plan', 'jobs', 'transform_process_num', 'memory'].includes(name),
  );
  if (words.length > 0 || others.length > 0) {
    const [first] = [...others.map((name) => `--${name}`), ...words];
    throw new TransformError('usage', `${first} cannot be given with --plan: the plan says it; make another plan`);
  }
  const isGiven = flags.has('jobs') || flags.has('transform_process_num');
  return { form: 'plan', file, processNum: isGiven ? processNum(flags) : null, memoryBytes: memoryOf(flags) };
}

function fromFlags(flags: Flags): TransformOptions {
  const srcCheckpoint = textOf(flags, 'src_checkpoint');
  if (srcCheckpoint === null) throw new TransformError('usage', '--src_checkpoint is missing: a file, or a folder');
  const { outputFormat, unifiedPartBytes } = outputOf(flags);
  return {
    srcCheckpoint,
    srcStrategy: textOf(flags, 'src_strategy'),
    dstCheckpoint: textOf(flags, 'dst_checkpoint') ?? textOf(flags, 'dst_checkpoint_dir') ?? './transformed_checkpoint',
    dstStrategy: textOf(flags, 'dst_strategy'),
    prefix: prefixOf(flags),
    rankId: countOf(flags, 'rank_id', 0),
    worldSize: countOf(flags, 'world_size', 1),
    processNum: processNum(flags),
    byRank: booleanOf(flags, 'transform_by_rank'),
    step: countOf(flags, 'step', 0),
    outputFormat,
    unifiedPartBytes,
    memoryBytes: memoryOf(flags),
  };
}

function outputOf(flags: Flags): Pick<TransformOptions, 'outputFormat' | 'unifiedPartBytes'> {
  const format = textOf(flags, 'output_format');
  if (format !== null && format !== 'ckpt' && format !== 'safetensors') {
    throw new TransformError('usage', `--output_format ${format} should be ckpt or safetensors`);
  }
  const partBytes = sizeFlag(flags, 'part_size') ?? UNIFIED_PART_BYTES;
  if (!booleanOf(flags, 'unified') && !flags.has('part_size')) return { outputFormat: format, unifiedPartBytes: null };
  if (format === 'ckpt') throw new TransformError('usage', '--unified writes safetensors, --output_format says ckpt');
  if (partBytes < 1) throw new TransformError('usage', '--part_size should be at least 1 byte');
  return { outputFormat: 'safetensors', unifiedPartBytes: partBytes };
}

/** `None` and nothing are nothing. */
function textOf(flags: Flags, name: (typeof NAMES)[number]): string | null {
  const text = flags.get(name);
  return text === undefined || text === '' || text === 'None' ? null : text;
}

/** A prefix is part of a file's name, not of its path. */
function prefixOf(flags: Flags): string {
  const prefix = textOf(flags, 'prefix') ?? DEFAULT_PREFIX;
  if (!/[/\\\0]/.test(prefix) && !prefix.startsWith('.')) return prefix;
  throw new TransformError(
    'usage',
    `--prefix ${prefix} should be the begin of a file name: no folder, no dot in front`,
  );
}

function processNum(flags: Flags): number {
  return countOf(flags, 'jobs', 1) ?? countOf(flags, 'transform_process_num', 1) ?? 1;
}

function countOf(flags: Flags, name: (typeof NAMES)[number], least: number): number | null {
  const text = textOf(flags, name);
  if (text === null) return null;
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(count) && count >= least) return count;
  throw new TransformError('usage', `--${name} ${text} should be a whole number from ${least} on`);
}

function booleanOf(flags: Flags, name: (typeof NAMES)[number]): boolean {
  const text = textOf(flags, name)?.toLowerCase() ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new TransformError('usage', `--${name} ${text} should be True or False`);
}

function memoryOf(flags: Flags): number {
  return sizeFlag(flags, 'memory') ?? DEFAULT_MEMORY_BYTES;
}

function sizeFlag(flags: Flags, name: 'memory' | 'part_size'): number | null {
  const text = textOf(flags, name);
  if (text === null) return null;
  const bytes = sizeOf(text);
  if (bytes !== null) return bytes;
  throw new TransformError('usage', `--${name} ${text} should be a size like 256MB, 3GiB or 1048576`);
}

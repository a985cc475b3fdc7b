import { LaunchError } from './launch-error.ts';
import { FLAGS, flagNamed } from './msrun-flags.ts';
import type { FlagName, FlagValues } from './msrun-flags.ts';
import { shellWords } from './shell-words.ts';

/** What a launch was asked for, in the words of msrun (mindformers-behaviour §6.1, 6.2). */
export interface MsrunOptions {
  /** What every rank runs: program and arguments. */
  readonly words: readonly string[];
  readonly workers: number;
  readonly masterAddress: string;
  /** Port of the scheduler; null = any that is free. */
  readonly masterPort: number | null;
  readonly logFolder: string;
  /** Name of the ranks' logs before their number. */
  readonly workerLogName: string;
  /** Ranks whose logs are shown; null = all. */
  readonly shownLogs: readonly number[] | null;
  /** Whether the launch stays until the ranks have ended. */
  readonly join: boolean;
  /** Milliseconds until all ranks have found each other; Infinity = for ever. */
  readonly clusterTimeoutMs: number;
  /** Milliseconds that a rank may keep the others waiting. */
  readonly nodeTimeoutMs: number;
  /** Times that everything is started again after a rank was lost. */
  readonly maxRestarts: number;
  readonly rankTableFile: string | null;
  /** What was asked for and has no effect. */
  readonly warnings: readonly string[];
}

/** What the positional form names, by the number of its words. */
const POSITIONAL: Readonly<Record<number, readonly FlagName[]>> = {
  1: [],
  2: ['worker_num'],
  6: ['worker_num', 'master_port', 'log_dir', 'join', 'cluster_time_out'],
  9: [
    'worker_num',
    'local_worker_num',
    'master_addr',
    'master_port',
    'node_rank',
    'log_dir',
    'join',
    'cluster_time_out',
  ],
};

/** Seconds in which the ranks of msrun_launcher.sh must have found each other; msrun itself has 600. */
const SCRIPT_CLUSTER_TIME_OUT = 7200;

const DEFAULTS = {
  worker_num: 8,
  master_addr: '127.0.0.1',
  master_port: null,
  log_dir: 'output/msrun_log',
  worker_log_name: 'worker',
  tail_worker_log: [-1],
  join: true,
  cluster_time_out: 600,
  node_time_out: 600,
  max_restarts: 0,
  rank_table_file: null,
};

/**
 * Reads the arguments of a launch: those of msrun_launcher.sh (the command in quotes, and by position what is to be
 * changed), or msrun's named options followed by the command. Named options may follow the positional ones too.
 *
 * @throws LaunchError `usage`
 */
export function msrunOptions(argv: readonly string[]): MsrunOptions {
  const { values, rest } = leadingFlags(argv, {});
  if (values.worker_num !== undefined || values.local_worker_num !== undefined) {
    const [only = ''] = rest;
    return optionsOf(rest.length === 1 ? shellWords(only) : rest, values);
  }
  const firstFlag = rest.findIndex((word, i) => i > 0 && word.startsWith('--'));
  const positional = firstFlag < 0 ? rest : rest.slice(0, firstFlag);
  const [command, ...places] = positional;
  if (command === undefined)
    throw usage('what is to be launched? For example: cairn launch "run --config train.yaml" 4');
  const names = POSITIONAL[positional.length];
  if (names === undefined) {
    throw usage(
      `${positional.length} arguments: 1, 2, 6 or 9 are possible, the command in quotes as the first of them`,
    );
  }
  const placed = Object.fromEntries(names.map((name, i) => [name, read(name, places[i] ?? '')]));
  const later = leadingFlags(firstFlag < 0 ? [] : rest.slice(firstFlag), { ...values, ...placed });
  if (later.rest.length > 0) throw usage(`${later.rest.join(' ')}: not understood; put the command in quotes`);
  return optionsOf(shellWords(command), { cluster_time_out: SCRIPT_CLUSTER_TIME_OUT, ...ofOneHost(later.values) });
}

/** On one host the script drops where the hosts would have met. */
function ofOneHost({ master_addr: address, node_rank: node, ...values }: Partial<FlagValues>): Partial<FlagValues> {
  const isSeveral = values.local_worker_num !== undefined && values.local_worker_num !== values.worker_num;
  if (!isSeveral) return values;
  return {
    ...values,
    ...(address !== undefined && { master_addr: address }),
    ...(node !== undefined && { node_rank: node }),
  };
}

/** Takes named options from the front. */
function leadingFlags(
  argv: readonly string[],
  before: Partial<FlagValues>,
): { readonly values: Partial<FlagValues>; readonly rest: readonly string[] } {
  const [word, next] = argv;
  if (word === undefined || !word.startsWith('--')) return { values: before, rest: argv };
  const [, written = '', attached] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const name = flagNamed(written);
  if (name === null)
    throw usage(`--${written} is no option of a launch; those are --${Object.keys(FLAGS).join(', --')}`);
  const text = attached ?? next;
  if (text === undefined) throw usage(`--${name} needs a value`);
  const values = { ...before, [name]: read(name, text) };
  return leadingFlags(argv.slice(attached === undefined ? 2 : 1), values);
}

function read(name: FlagName, text: string): FlagValues[FlagName] {
  const value = FLAGS[name].read(text);
  if (value !== null) return value;
  throw usage(`--${name}: ${text} should be ${FLAGS[name].expects}`);
}

function optionsOf(words: readonly string[], values: Partial<FlagValues>): MsrunOptions {
  const given = { ...DEFAULTS, ...values };
  checkHosts(given.worker_num, values);
  if (words.length === 0) throw usage('what is to be launched? The command follows the options');
  const shown = given.tail_worker_log;
  return {
    words,
    workers: given.worker_num,
    masterAddress: given.master_addr,
    masterPort: given.master_port,
    logFolder: given.log_dir || DEFAULTS.log_dir,
    workerLogName: given.worker_log_name || DEFAULTS.worker_log_name,
    shownLogs: shown.includes(-1) ? null : shown,
    join: given.join,
    clusterTimeoutMs: milliseconds(given.cluster_time_out),
    nodeTimeoutMs: milliseconds(given.node_time_out),
    maxRestarts: given.max_restarts,
    rankTableFile: given.rank_table_file,
    warnings: withoutEffect(values),
  };
}

function milliseconds(seconds: number): number {
  return seconds < 0 ? Infinity : seconds * 1000;
}

/** Several hosts are not launched yet. */
function checkHosts(workers: number, { local_worker_num: local, node_rank: node = 0 }: Partial<FlagValues>): void {
  if (local === undefined || local === workers) return;
  if (local > workers) throw usage(`local_worker_num ${local} is more than worker_num ${workers}`);
  throw usage(
    `${workers} workers, ${local} of them on this host (node_rank ${node}): several hosts cannot be launched yet, so set local_worker_num to ${workers}`,
  );
}

function withoutEffect({ bind_core: bound, sim_level: simulated }: Partial<FlagValues>): string[] {
  return [
    ...(bound === true ? ['bind_core has no effect: simulated devices use one thread a rank, wherever it runs'] : []),
    ...(simulated !== undefined && simulated !== -1 ? ['sim_level has no effect: all devices are simulated'] : []),
  ];
}

function usage(message: string): LaunchError {
  return new LaunchError('usage', message, 'launch');
}

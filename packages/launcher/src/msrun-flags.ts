/** Values of the named options of msrun, and of a few of Cairn's own. */
export interface FlagValues {
  readonly worker_num: number;
  readonly local_worker_num: number;
  readonly master_addr: string;
  readonly master_port: number;
  readonly node_rank: number;
  readonly log_dir: string;
  readonly join: boolean;
  readonly cluster_time_out: number;
  readonly bind_core: boolean;
  readonly sim_level: number;
  readonly sim_rank_id: number;
  readonly rank_table_file: string;
  readonly worker_log_name: string;
  /** -1 = all. */
  readonly tail_worker_log: readonly number[];
  readonly max_restarts: number;
  readonly node_time_out: number;
}

export type FlagName = keyof FlagValues;

/** How the text of an option is read. */
interface Flag<T> {
  readonly expects: string;
  /** Null when the text is something else. */
  read(text: string): T | null;
}

const count: Flag<number> = { expects: 'a whole number, at least 1', read: (text) => whole(text, 1) };
const whole0: Flag<number> = { expects: 'a whole number, at least 0', read: (text) => whole(text, 0) };
const seconds: Flag<number> = {
  expects: 'a whole number of seconds; a negative one means for ever',
  read: (text) => whole(text, -Infinity),
};
const port: Flag<number> = {
  expects: 'a port, 1 to 65535',
  read: (text) => (Number(text) <= 65_535 ? whole(text, 1) : null),
};
const words: Flag<string> = { expects: 'a text', read: (text) => text };
const truth: Flag<boolean> = { expects: 'True or False', read: truthOf };

/** The named options. */
export const FLAGS: { readonly [N in FlagName]: Flag<FlagValues[N]> } = {
  worker_num: count,
  local_worker_num: count,
  master_addr: words,
  master_port: port,
  node_rank: { expects: 'a whole number', read: (text) => whole(text, -1) },
  log_dir: words,
  join: truth,
  cluster_time_out: seconds,
  bind_core: truth,
  sim_level: { expects: '-1 to 3', read: (text) => whole(text, -1) },
  sim_rank_id: whole0,
  rank_table_file: words,
  worker_log_name: words,
  tail_worker_log: { expects: 'ranks with commas between them, or -1 for all', read: ranksOf },
  max_restarts: whole0,
  node_time_out: seconds,
};

/** The option of a name, which may have dashes for its underscores; null when there is none. */
export function flagNamed(written: string): FlagName | null {
  const name = written.replaceAll('-', '_');
  return isFlagName(name) ? name : null;
}

function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

function whole(text: string, least: number): number | null {
  return /^-?\d+$/.test(text) && Number(text) >= least ? Number(text) : null;
}

function truthOf(text: string): boolean | null {
  if (/^(?:true|1|yes|on)$/i.test(text)) return true;
  return /^(?:false|0|no|off)$/i.test(text) ? false : null;
}

function ranksOf(text: string): readonly number[] | null {
  const ranks = text.split(',').map((each) => whole(each.trim(), -1));
  return ranks.every((rank) => rank !== null) ? ranks : null;
}

/** A place in a launched world, as the environment of its process tells it. */
export interface RankPlace {
  readonly rank: number;
  /** Ranks of the world. */
  readonly size: number;
  readonly scheduler: { readonly host: string; readonly port: number };
  /** Key of the scheduler. */
  readonly key: string;
  /** Milliseconds until all ranks have found each other; Infinity = for ever. */
  readonly clusterTimeoutMs: number;
  /** Milliseconds that a rank may keep the others waiting; Infinity = for ever. */
  readonly nodeTimeoutMs: number;
}

/** Where programs of other frameworks meet, and more that msrun tells. */
export interface RankSurroundings {
  /** A port that is free for rank 0 of a program with a rendezvous of its own. */
  readonly masterPort: number;
  readonly rankTableFile: string | null;
}

/**
 * The environment of a rank: msrun's (mindformers-behaviour §6.3), and what other frameworks read.
 */
export function rankEnvironment(
  place: RankPlace,
  { masterPort, rankTableFile }: RankSurroundings,
): Record<string, string> {
  const { rank, size, scheduler, key } = place;
  return {
    MS_ROLE: 'MS_WORKER',
    MS_WORKER_NUM: String(size),
    MS_SCHED_HOST: scheduler.host,
    MS_SCHED_PORT: String(scheduler.port),
    MS_NODE_ID: String(rank),
    MS_TOPO_TIMEOUT: seconds(place.clusterTimeoutMs),
    MS_NODE_TIMEOUT: seconds(place.nodeTimeoutMs),
    RANK_ID: String(rank),
    RANK_SIZE: String(size),
    DEVICE_ID: String(rank),
    ...(rankTableFile === null ? {} : { RANK_TABLE_FILE: rankTableFile }),
    MASTER_ADDR: scheduler.host,
    MASTER_PORT: String(masterPort),
    RANK: String(rank),
    WORLD_SIZE: String(size),
    LOCAL_RANK: String(rank),
    LOCAL_WORLD_SIZE: String(size),
    CAIRN_WORLD_KEY: key,
  };
}

/**
 * Where a process of a launch stands, from its environment; null when it is none: no launch of Cairn started it.
 */
export function rankPlace(env: Readonly<Record<string, string | undefined>>): RankPlace | null {
  const { MS_ROLE: role, MS_SCHED_HOST: host, CAIRN_WORLD_KEY: key } = env;
  const [rank, size, port] = [env['RANK_ID'], env['RANK_SIZE'], env['MS_SCHED_PORT']].map(whole);
  if (role !== 'MS_WORKER' || host === undefined || key === undefined) return null;
  if (rank == null || size == null || port == null) return null;
  return {
    rank,
    size,
    scheduler: { host, port },
    key,
    clusterTimeoutMs: milliseconds(env['MS_TOPO_TIMEOUT']),
    nodeTimeoutMs: milliseconds(env['MS_NODE_TIMEOUT']),
  };
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

/** A negative number of seconds is for ever. */
function seconds(ms: number): string {
  return ms === Infinity ? '-1' : String(ms / 1000);
}

/** What is not said is ten minutes. */
function milliseconds(text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || Number.isNaN(value)) return 600_000;
  return value < 0 ? Infinity : value * 1000;
}

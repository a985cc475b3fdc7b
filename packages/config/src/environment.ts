import type { ConfigIssue } from './config-issue.ts';

/** What the process environment says, read once. Null = the variable is not set. */
export interface RunEnvironment {
  readonly rankId: number | null;
  readonly rankSize: number | null;
  readonly deviceId: number | null;
  readonly deviceNumPerNode: number | null;
  readonly rankTableFile: string | null;
  /** Folders every host sees (ruling 13), empty when unset. */
  readonly sharedPaths: readonly string[];
  readonly outputDir: string | null;
  readonly runMode: string | null;
  readonly registerPath: string | null;
  /** MS_WORKER or MS_SCHED, under msrun. */
  readonly role: string | null;
  readonly workerNum: number | null;
  readonly nodeId: number | null;
  readonly schedulerHost: string | null;
  readonly schedulerPort: number | null;
  readonly topologyTimeoutSeconds: number | null;
  /** Rows go to ranks in blocks, as before MindSpore 2.6 (ruling 23). */
  readonly shardByBlock: boolean;
  /** Whether this is a ModelArts job (behaviour §2.7). */
  readonly modelArts: boolean;
  /** Variables that are set, known, and without effect here (ruling 38). */
  readonly withoutEffect: readonly string[];
}

/** One variable in use. */
interface EnvironmentVariable {
  readonly name: string;
  readonly field: keyof RunEnvironment;
  readonly about: string;
}

/** The variables in use, in the order they are shown. */
export const ENVIRONMENT_VARIABLES: readonly EnvironmentVariable[] = [
  { name: 'RANK_ID', field: 'rankId', about: 'Rank of this process.' },
  { name: 'RANK_SIZE', field: 'rankSize', about: 'Number of ranks.' },
  { name: 'DEVICE_ID', field: 'deviceId', about: 'Device of this process; default of context.device_id.' },
  {
    name: 'DEVICE_NUM_PER_NODE',
    field: 'deviceNumPerNode',
    about: 'Devices on one host, when npu_num_per_node does not say.',
  },
  { name: 'RANK_TABLE_FILE', field: 'rankTableFile', about: 'Rank table of the job.' },
  { name: 'SHARED_PATHS', field: 'sharedPaths', about: 'Folders every host sees, separated by commas.' },
  { name: 'LOCAL_DEFAULT_PATH', field: 'outputDir', about: 'Default of output_dir.' },
  { name: 'RUN_MODE', field: 'runMode', about: 'Default of run_mode.' },
  { name: 'REGISTER_PATH', field: 'registerPath', about: 'Folder in which a bare --config name is looked up.' },
  { name: 'MS_ROLE', field: 'role', about: 'MS_WORKER or MS_SCHED, set by msrun.' },
  { name: 'MS_WORKER_NUM', field: 'workerNum', about: 'Number of ranks, set by msrun.' },
  { name: 'MS_NODE_ID', field: 'nodeId', about: 'Rank of this process, set by msrun.' },
  { name: 'MS_SCHED_HOST', field: 'schedulerHost', about: 'Host of the rendezvous.' },
  { name: 'MS_SCHED_PORT', field: 'schedulerPort', about: 'Port of the rendezvous.' },
  {
    name: 'MS_TOPO_TIMEOUT',
    field: 'topologyTimeoutSeconds',
    about: 'Seconds ranks wait for each other; MS_CLUSTER_TIMEOUT is its older name.',
  },
  { name: 'MS_DEV_MINDRECORD_SHARD_BY_BLOCK', field: 'shardByBlock', about: 'True = rows go to ranks in blocks.' },
];

const WITHOUT_EFFECT = [
  'ASCEND_PROCESS_LOG_PATH',
  'CHECKPOINT_DOWNLOAD_FOLDER',
  'CHECKPOINT_SAVE_FOLDER',
  'ENABLE_CELL_RESUSE',
  'ENABLE_CELL_REUSE',
  'HCCL_BUFFSIZE',
  'LOG_MF_PATH',
  'MF_LOG_SUFFIX',
  'MS_ASCEND_CHECK_OVERFLOW_MODE',
  'MS_ENABLE_GRACEFUL_EXIT',
  'MS_ENABLE_RECOVERY',
  'MS_ENABLE_TFT',
  'MS_GE_ATOMIC_CLEAN_POLICY',
  'MS_NODE_TIMEOUT',
  'MS_RECOVERY_PATH',
  'MS_SIMULATION_LEVEL',
  'PLOG_REDIRECT_TO_OUTPUT',
];

const MODEL_ARTS = ['MA_LOG_DIR', 'MA_JOB_DIR', 'MA_LOCAL_LOG_PATH', 'BATCH_GROUP_NAME'];

/** An environment read: values that are not what they must be are null and an issue. */
interface EnvironmentReading {
  readonly environment: RunEnvironment;
  readonly issues: readonly ConfigIssue[];
}

/** Reads the variables that matter. An empty variable counts as not set. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentReading {
  const issues: ConfigIssue[] = [];
  const text = (name: string): string | null => env[name]?.trim() || null;
  const number = (name: string, least = 0): number | null => {
    const written = text(name);
    if (written === null) return null;
    const value = Number(written);
    if (/^\d+$/.test(written) && value >= least && Number.isSafeInteger(value)) return value;
    issues.push(wrong(name, `a whole number, ${least} or more`, written));
    return null;
  };
  const environment: RunEnvironment = {
    rankId: number('RANK_ID'),
    rankSize: number('RANK_SIZE', 1),
    deviceId: number('DEVICE_ID'),
    deviceNumPerNode: number('DEVICE_NUM_PER_NODE', 1),
    rankTableFile: text('RANK_TABLE_FILE'),
    sharedPaths: (text('SHARED_PATHS') ?? '')
      .split(',')
      .map((path) => path.trim())
      .filter((path) => path !== ''),
    outputDir: text('LOCAL_DEFAULT_PATH'),
    runMode: text('RUN_MODE'),
    registerPath: text('REGISTER_PATH'),
    role: text('MS_ROLE'),
    workerNum: number('MS_WORKER_NUM', 1),
    nodeId: number('MS_NODE_ID'),
    schedulerHost: text('MS_SCHED_HOST'),
    schedulerPort: number('MS_SCHED_PORT', 1),
    topologyTimeoutSeconds: number('MS_TOPO_TIMEOUT') ?? number('MS_CLUSTER_TIMEOUT'),
    shardByBlock: /^(?:true|1)$/i.test(text('MS_DEV_MINDRECORD_SHARD_BY_BLOCK') ?? ''),
    modelArts: MODEL_ARTS.some((name) => env[name] !== undefined),
    withoutEffect: WITHOUT_EFFECT.filter((name) => text(name) !== null),
  };
  const { rankId, rankSize } = environment;
  if (rankId !== null && rankSize !== null && rankId >= rankSize) {
    issues.push(wrong('RANK_ID', `below RANK_SIZE, which is ${rankSize}`, String(rankId)));
  }
  return { environment, issues };
}

function wrong(name: string, rule: string, found: string): ConfigIssue {
  const message = `the environment variable ${name} must be ${rule}; it is "${found}". Set it right or unset it`;
  return { severity: 'error', code: 'environment-value', path: [], message, place: { environment: name } };
}

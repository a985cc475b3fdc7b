import { z } from 'zod';
import type { ConfigValue } from '../config-value.ts';
import type { Leaf, Respelled } from '../keys/leaf.ts';
import { lazy, oneOf } from '../keys/leaf.ts';
import { nearestName } from '../keys/nearest-name.ts';

/** What a run does. */
export type RunMode = 'train' | 'finetune' | 'eval' | 'predict' | 'predict_with_train_model';

/** Names of all run modes (behaviour §4.3). */
export const RUN_MODES: readonly RunMode[] = ['train', 'finetune', 'eval', 'predict', 'predict_with_train_model'];

/** run_mode: other words occur upstream (`predcit`, `fintune`, `export`), which warns and goes on without a mode. */
export const runMode: Leaf<RunMode> = { ...oneOf(...RUN_MODES), respell: respellMode };

function respellMode(value: ConfigValue): Respelled | null {
  if (typeof value !== 'string' || RUN_MODES.some((mode) => mode === value)) return null;
  const nearest = nearestName(value, RUN_MODES);
  const taken = nearest === null ? 'taken as not set' : `taken as ${nearest}, the nearest`;
  return { value: nearest, note: `"${value}" is none of ${RUN_MODES.join(', ')}; ${taken}` };
}

/** MindSpore's ways to share work between ranks, under MindSpore's names. */
export type ParallelMode = 'data_parallel' | 'semi_auto_parallel' | 'auto_parallel' | 'hybrid_parallel' | 'stand_alone';

/** In the order of their numbers 0 to 3 (behaviour §4.3); stand_alone has a name only. */
const PARALLEL_MODES: readonly ParallelMode[] = [
  'data_parallel',
  'semi_auto_parallel',
  'auto_parallel',
  'hybrid_parallel',
  'stand_alone',
];

/** parallel.parallel_mode: a number, or a name in any case. */
export const parallelMode: Leaf<ParallelMode> = {
  schema: lazy(() => z.literal(PARALLEL_MODES as readonly [ParallelMode, ...ParallelMode[]])),
  rule: '0 (data parallel), 1 (semi-automatic), 2 (automatic), 3 (hybrid) or a name such as "STAND_ALONE"',
  example: '1',
  input: () => z.union([z.int().min(0).max(3), z.string()]),
  respell: respellParallelMode,
};

function respellParallelMode(value: ConfigValue): Respelled | null {
  if (typeof value === 'number') return value <= 3 ? silently(PARALLEL_MODES[value]) : null;
  if (typeof value !== 'string') return null;
  if (value === 'MANUAL_PARALLEL') {
    const note = 'MANUAL_PARALLEL is of releases after r1.8; Cairn does not run it, so a run will refuse it';
    return { value: 'semi_auto_parallel', note, code: 'mode-unsupported' };
  }
  const name = value.toLowerCase();
  return PARALLEL_MODES.some((mode) => mode === name) ? silently(name) : null;
}

/** context.mode: 0 graph, 1 PyNative, or the name. */
export const graphMode: Leaf<0 | 1> = {
  schema: lazy(() => z.literal([0, 1])),
  rule: '0 (GRAPH_MODE) or 1 (PYNATIVE_MODE)',
  example: '0',
  input: () => z.literal([0, 1, 'GRAPH_MODE', 'PYNATIVE_MODE']),
  respell: (value) => (value === 'GRAPH_MODE' ? silently(0) : value === 'PYNATIVE_MODE' ? silently(1) : null),
};

/** Another name of the same thing, as good as the first. */
function silently(value: string | number | undefined): Respelled | null {
  return value === undefined ? null : { value, note: null };
}

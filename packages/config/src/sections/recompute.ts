import type { ConfigMap, ConfigValue } from '../config-value.ts';
import type { Keys } from '../keys/key.ts';
import { key } from '../keys/key.ts';
import { anyList, anyMap, either, flag } from '../keys/leaf.ts';
import type { Leaf } from '../keys/leaf.ts';

/** Which layers are computed twice; a flag, lists of layer numbers or stages, or a mapping of name patterns. */
export type RecomputeSelection = boolean | readonly ConfigValue[] | ConfigMap;

/** What is computed again in the backward pass instead of kept: memory only, never a result. */
export interface RecomputeConfig {
  readonly recompute: RecomputeSelection;
  readonly select_recompute: RecomputeSelection;
  readonly select_comm_recompute: RecomputeSelection;
  readonly parallel_optimizer_comm_recompute: boolean;
  readonly mp_comm_recompute: boolean;
  readonly recompute_slice_activation: boolean;
  readonly select_recompute_exclude: RecomputeSelection;
  readonly select_comm_recompute_exclude: RecomputeSelection;
}

const selection: Leaf<RecomputeSelection> = { ...either(flag, either(anyList, anyMap)), respell: flag.respell! };

/** How recompute_config is read (template of behaviour §4.2). */
export const recomputeKeys: Keys<RecomputeConfig> = {
  recompute: key(selection, false, 'Recompute whole layers.'),
  select_recompute: key(selection, false, 'Recompute parts of layers.'),
  select_comm_recompute: key(selection, false, 'Recompute communication too.'),
  parallel_optimizer_comm_recompute: key(flag, false, 'Gather spread weights again in the backward pass.'),
  mp_comm_recompute: key(flag, true, 'Recompute model-parallel communication.'),
  recompute_slice_activation: key(flag, false, 'Keep only slices of what is recomputed from.'),
  select_recompute_exclude: key(selection, false, 'Parts left out of select_recompute.'),
  select_comm_recompute_exclude: key(selection, false, 'Parts left out of select_comm_recompute.'),
};

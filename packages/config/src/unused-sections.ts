import type { ConfigIssue } from './config-issue.ts';
import { placeOf } from './config-issue.ts';
import type { MapNode } from './config-node.ts';
import { given } from './config-node.ts';
import type { RunMode } from './sections/modes.ts';

const EVALUATION = ['eval_dataset', 'eval_dataset_task', 'eval_callbacks', 'metric'];
const TRAINING = [
  'recompute_config',
  'swap_config',
  'runner_wrapper',
  'optimizer',
  'lr_schedule',
  'metric',
  'train_dataset',
  'train_dataset_task',
  'callbacks',
  'monitor_config',
];

/** Sections only some modes look at (behaviour §4.2). */
const USED: Readonly<Record<RunMode, readonly string[]>> = {
  train: TRAINING,
  finetune: TRAINING,
  predict_with_train_model: TRAINING,
  predict: ['processor'],
  eval: EVALUATION,
};

/** One warning that names the written sections the mode does not look at; none without a mode. */
export function unusedSections(root: MapNode, mode: RunMode | null): ConfigIssue[] {
  if (mode === null) return [];
  const evaluates = root.entries.get('do_eval');
  const used = new Set([
    ...USED[mode],
    ...(evaluates?.kind === 'scalar' && evaluates.value === true ? EVALUATION : []),
  ]);
  const sections = [...new Set(Object.values(USED).flat())];
  const unused = sections.filter((name) => {
    const node = given(root.entries.get(name));
    return !used.has(name) && node !== undefined && node.origin.kind === 'file';
  });
  const [first] = unused;
  if (first === undefined) return [];
  const message = `not looked at in run_mode ${mode}: ${unused.join(', ')}`;
  const place = placeOf(root.keys.get(first) ?? root.origin);
  return [{ severity: 'warning', code: 'sections-unused', path: [first], message, place }];
}

import type { ConfigIssue } from './config-issue.ts';
import { placeOf } from './config-issue.ts';
import type { ConfigNode, ListNode, MapNode, ScalarNode } from './config-node.ts';
import { childOf, given, mapNode, nodeAt, nodeOf, valueOf, withNode, written } from './config-node.ts';
import type { ConfigMap, ConfigPath, Origin } from './config-value.ts';
import { dotted } from './config-value.ts';
import { DEFAULT_BETAS } from './sections/optimizer.ts';

/** A tree and what was found on the way. */
interface Respelling {
  readonly root: MapNode;
  readonly issues: readonly ConfigIssue[];
}

/** Pairs of keys that say the same: [as written, as read]. */
const SAME: readonly (readonly [ConfigPath, ConfigPath])[] = [
  [['src_strategy'], ['src_strategy_path_or_dir']],
  [['trainer', 'ignore_data_skip'], ['ignore_data_skip']],
  [['trainer', 'data_skip_steps'], ['data_skip_steps']],
  [['ckpt_use_legacy_format'], ['use_legacy_format']],
  [
    ['parallel', 'strategy_ckpt_config', 'save_file'],
    ['parallel', 'strategy_ckpt_save_file'],
  ],
  [
    ['parallel', 'strategy_ckpt_config', 'load_file'],
    ['parallel', 'strategy_ckpt_load_file'],
  ],
  [
    ['processor', 'tokenizer', 'merge_file'],
    ['processor', 'tokenizer', 'merges_file'],
  ],
];

/**
 * Brings the spellings of all releases to one: keys with two names or two places, beta1 and beta2, r1.1's
 * CheckpointMointor, a metric outside of a list, a data set that only stands inside its task. Both of a pair
 * written with different values is an error, unless one of them comes from a flag, which then counts.
 */
export function respellKeys(root: MapNode): Respelling {
  const issues: ConfigIssue[] = [];
  const steps = [
    ...SAME.map(
      ([from, to]) =>
        (tree: MapNode) =>
          moved(tree, from, to, issues),
    ),
    ...STEPS(issues),
  ];
  return { root: steps.reduce((tree, step) => step(tree), root), issues };
}

const STEPS = (issues: ConfigIssue[]): readonly ((tree: MapNode) => MapNode)[] => [
  (tree) => joinBetas(tree, issues),
  readCallbacks,
  inheritMonitorKeys,
  listMetric,
  fillSchedule,
  (tree) => shareDataset(tree, 'train_dataset', issues),
  (tree) => shareDataset(tree, 'eval_dataset', issues),
];

function moved(tree: MapNode, from: ConfigPath, to: ConfigPath, issues: ConfigIssue[]): MapNode {
  const source = nodeAt(tree, from);
  if (source === undefined) return tree;
  const cleared = changed(tree, from, null);
  const value = written(source);
  const target = written(nodeAt(tree, to));
  if (value === undefined) return cleared;
  if (target === undefined) return changed(cleared, to, value);
  return chosen(cleared, to, [from, value], [to, target], issues);
}

/** Of two values for one key: the one a flag gives; else they have to be the same. */
function chosen(
  tree: MapNode,
  to: ConfigPath,
  [aPath, a]: readonly [ConfigPath, ConfigNode],
  [bPath, b]: readonly [ConfigPath, ConfigNode],
  issues: ConfigIssue[],
): MapNode {
  const [aFlag, bFlag] = [a.origin.kind === 'flag', b.origin.kind === 'flag'];
  if (aFlag !== bFlag) return changed(tree, to, aFlag ? a : b);
  if (JSON.stringify(valueOf(a)) !== JSON.stringify(valueOf(b))) {
    const [first, second] = [dotted(aPath), dotted(bPath)];
    const message = `${first} (${JSON.stringify(valueOf(a))}) and ${second} (${JSON.stringify(valueOf(b))}) say the same and differ; keep one`;
    issues.push({ severity: 'error', code: 'conflict', path: aPath, message, place: placeOf(a.origin) });
  }
  return tree;
}

/** optimizer.beta1 and beta2 become optimizer.betas; the other class wants the other spelling upstream, files mix them. */
function joinBetas(tree: MapNode, issues: ConfigIssue[]): MapNode {
  const optimizer = nodeAt(tree, ['optimizer']);
  const parts = ['beta1', 'beta2'].map((name) => written(optimizer && childOf(optimizer, name)));
  const origin = parts.find((node) => node !== undefined)?.origin;
  const cleared = ['beta1', 'beta2'].reduce((rest, name) => without(rest, ['optimizer', name]), tree);
  if (origin === undefined) return cleared;
  const items = parts.map(
    (node, index) =>
      node ?? scalar(DEFAULT_BETAS[index] ?? 0, { kind: 'default', why: 'constructor of the optimizer' }),
  );
  const joined: ListNode = { kind: 'list', items, origin };
  const betas = written(nodeAt(cleared, ['optimizer', 'betas']));
  if (betas === undefined) return changed(cleared, ['optimizer', 'betas'], joined);
  return chosen(
    cleared,
    ['optimizer', 'betas'],
    [['optimizer', 'beta1'], joined],
    [['optimizer', 'betas'], betas],
    issues,
  );
}

/** r1.1's CheckpointMointor is CheckpointMonitor; the template puts an MFLossMonitor first when there is none. */
function readCallbacks(tree: MapNode): MapNode {
  const list = given(nodeAt(tree, ['callbacks'])) ?? {
    kind: 'list',
    items: [],
    origin: { kind: 'default', why: TEMPLATE },
  };
  if (list.kind !== 'list') return tree;
  const items = list.items.map((item) => {
    const type = typeOf(item);
    return type?.value === 'CheckpointMointor'
      ? changedNode(item, ['type'], { ...type, value: 'CheckpointMonitor' })
      : item;
  });
  const origin: Origin = { kind: 'default', why: TEMPLATE };
  const loss = mapNode(new Map([['type', scalar('MFLossMonitor', origin)]]), origin);
  const logged = items.some((item) => typeOf(item)?.value === 'MFLossMonitor');
  return changed(tree, ['callbacks'], { ...list, items: logged ? items : [loss, ...items] });
}

const TEMPLATE = 'template of MindFormers r1.5 and later';

/** Top-level keys the Trainer hands to every CheckpointMonitor that does not have them itself (behaviour §1.1). */
const INHERITED: readonly (readonly [string, string])[] = [
  ['use_checkpoint_health_monitor', 'use_checkpoint_health_monitor'],
  ['use_legacy_format', 'use_legacy_format'],
  ['health_ckpts_record_dir', 'output_dir'],
];

function inheritMonitorKeys(tree: MapNode): MapNode {
  const list = nodeAt(tree, ['callbacks']);
  if (list?.kind !== 'list') return tree;
  const items = list.items.map((item) => {
    if (item.kind !== 'map' || typeOf(item)?.value !== 'CheckpointMonitor') return item;
    return INHERITED.reduce<ConfigNode>((entry, [own, top]) => {
      const node = given(nodeAt(tree, [top]));
      return node === undefined || given(childOf(entry, own)) !== undefined ? entry : changedNode(entry, [own], node);
    }, item);
  });
  return changed(tree, ['callbacks'], { ...list, items });
}

function listMetric(tree: MapNode): MapNode {
  const metric = given(nodeAt(tree, ['metric'])) ?? scalar(null, { kind: 'default', why: TEMPLATE });
  if (metric.kind === 'list') return tree;
  const { origin } = metric;
  const item = metric.kind === 'map' ? metric : nodeOf({ type: 'PerplexityMetric' }, origin);
  if (item === null || (metric.kind === 'scalar' && metric.value !== null)) return tree;
  return changed(tree, ['metric'], { kind: 'list', items: [item], origin });
}

/** What the template of r1.5 and later puts in place of a missing lr_schedule (behaviour §4.2). */
const SCHEDULE: ConfigMap = {
  type: 'CosineWithWarmUpLR',
  learning_rate: 5e-5,
  lr_end: 0,
  warmup_ratio: 0,
  total_steps: -1,
};

/** A missing schedule is the template's, unless the optimizer names a rate: then that is the rate, as before r1.5. */
function fillSchedule(tree: MapNode): MapNode {
  const rate = given(nodeAt(tree, ['optimizer', 'learning_rate']));
  if (given(nodeAt(tree, ['lr_schedule'])) !== undefined || rate !== undefined) return tree;
  return changed(tree, ['lr_schedule'], nodeOf(SCHEDULE, { kind: 'default', why: TEMPLATE }));
}

/**
 * `train_dataset_task.dataset_config` is the data set section again: upstream's trainer overwrites it. A file that has
 * only the copy means the data set by it.
 */
function shareDataset(tree: MapNode, name: string, issues: ConfigIssue[]): MapNode {
  const path = [`${name}_task`, 'dataset_config'];
  const copy = given(nodeAt(tree, path));
  if (copy === undefined) return tree;
  const own = given(nodeAt(tree, [name]));
  if (own === undefined) return changed(tree, [name], copy);
  if (!hasFlag(own) && JSON.stringify(valueOf(own)) !== JSON.stringify(valueOf(copy))) {
    const message = `${dotted(path)} differs from ${name}, which is what counts (as in MindFormers); write "dataset_config: *${name}"`;
    issues.push({ severity: 'warning', code: 'conflict', path, message, place: placeOf(copy.origin) });
  }
  return tree;
}

function hasFlag(node: ConfigNode): boolean {
  if (node.origin.kind === 'flag') return true;
  if (node.kind === 'scalar') return false;
  return [...(node.kind === 'map' ? node.entries.values() : node.items)].some(hasFlag);
}

function typeOf(node: ConfigNode): ScalarNode | undefined {
  const type = node.kind === 'map' ? node.entries.get('type') : undefined;
  return type?.kind === 'scalar' ? type : undefined;
}

function scalar(value: string | number | null, origin: Origin): ScalarNode {
  return { kind: 'scalar', value, quoted: false, origin };
}

function without(tree: MapNode, path: ConfigPath): MapNode {
  return nodeAt(tree, path) === undefined ? tree : changed(tree, path, null);
}

function changed(tree: MapNode, path: ConfigPath, node: ConfigNode | null): MapNode {
  const result = changedNode(tree, path, node);
  return result.kind === 'map' ? result : tree;
}

/** The changed tree; the same one when something else stands in the way, which the reader of that place reports. */
function changedNode(tree: ConfigNode, path: ConfigPath, node: ConfigNode | null): ConfigNode {
  const result = withNode(tree, path, node);
  return 'blocked' in result ? tree : result;
}

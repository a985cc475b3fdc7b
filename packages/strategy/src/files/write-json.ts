import type { NamedLayout, OperatorStrategy, StrategyFile } from './strategy-file.ts';

/**
 * Writes the JSON form: compact, keys sorted, as MindSpore does (docs/formats/strategy.md). Of operators of one name the
 * last one stays. MindSpore cannot read nested tensor maps from JSON.
 */
export function writeJson(file: StrategyFile): Uint8Array {
  const document = {
    current_stage: file.currentStage,
    parallel_layout_item: sorted(file.layouts.map((layout) => [layout.name, layoutItem(layout)])),
    parallel_strategy_item: sorted(file.operators.map((operator) => [operator.node, operatorItem(operator)])),
  };
  return new TextEncoder().encode(JSON.stringify(document));
}

function layoutItem({
  layout,
  shape,
  field,
  splitShape,
  indicesOffset,
}: NamedLayout): Readonly<Record<string, unknown>> {
  const byHand = splitShape.length > 0 || indicesOffset.length > 0;
  return {
    dev_matrix: layout.deviceMatrix,
    field,
    ...(byHand ? { indices_offset: indicesOffset } : {}),
    opt_weight_shard_size: layout.optimizerShardSize,
    opt_weight_shard_step: layout.optimizerShardStep,
    ...(byHand ? { param_split_shape: splitShape } : {}),
    tensor_map: layout.tensorMap,
    ...(shape === null ? {} : { tensor_shape: shape }),
  };
}

function operatorItem({ stage, inputs }: OperatorStrategy): Readonly<Record<string, unknown>> {
  return { parallel_strategy: inputs, stage };
}

function sorted(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

import type { Layout } from '../layout.ts';
import { StrategyError } from '../strategy-error.ts';
import type { NamedLayout, OperatorStrategy, StrategyFile } from './strategy-file.ts';

/**
 * Reads the JSON form (docs/formats/strategy.md). Keys that say nothing about parameters are passed over.
 *
 * @throws StrategyError `malformed` with the place in the document
 */
export function readJson(bytes: Uint8Array): StrategyFile {
  const root = objectAt(parse(bytes), 'the document');
  const operators = Object.entries(objectAt(root['parallel_strategy_item'] ?? {}, 'parallel_strategy_item'));
  const layouts = Object.entries(objectAt(root['parallel_layout_item'] ?? {}, 'parallel_layout_item'));
  return {
    currentStage: numberAt(root['current_stage'] ?? 0, 'current_stage'),
    operators: operators.map(([node, item]) => operatorOf(node, item)),
    layouts: layouts.map(([name, item]) => namedLayoutOf(name, item)),
  };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new StrategyError('malformed', `this is no JSON: ${String(error)}; the file is damaged or was cut`, {
      cause: error,
    });
  }
}

function operatorOf(node: string, item: unknown): OperatorStrategy {
  const { stage, parallel_strategy: inputs } = objectAt(item, node);
  return {
    node,
    stage: numberAt(stage, `${node}.stage`),
    inputs: listAt(inputs ?? [], node).map((input) => numbersAt(input, node)),
  };
}

function namedLayoutOf(name: string, item: unknown): NamedLayout {
  const object = objectAt(item, name);
  const layout: Layout = {
    deviceMatrix: numbersAt(object['dev_matrix'], `${name}.dev_matrix`),
    tensorMap: listAt(object['tensor_map'], `${name}.tensor_map`).map((entry) =>
      Array.isArray(entry) ? numbersAt(entry, `${name}.tensor_map`) : numberAt(entry, `${name}.tensor_map`),
    ),
    optimizerShardSize: numberAt(object['opt_weight_shard_size'] ?? 0, `${name}.opt_weight_shard_size`),
    optimizerShardStep: numberAt(object['opt_weight_shard_step'] ?? 0, `${name}.opt_weight_shard_step`),
  };
  const shape = object['tensor_shape'];
  return {
    name,
    layout,
    shape: shape === undefined ? null : numbersAt(shape, `${name}.tensor_shape`),
    field: numberAt(object['field'] ?? 0, `${name}.field`),
    splitShape: numbersAt(object['param_split_shape'] ?? [], `${name}.param_split_shape`),
    indicesOffset: numbersAt(object['indices_offset'] ?? [], `${name}.indices_offset`),
  };
}

function objectAt(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(where, 'an object');
  return { ...value };
}

function listAt(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(where, 'a list');
  return value;
}

function numbersAt(value: unknown, where: string): readonly number[] {
  return listAt(value, where).map((each) => numberAt(each, where));
}

function numberAt(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(where, 'a whole number');
  return value;
}

function wrong(where: string, wanted: string): StrategyError {
  return new StrategyError('malformed', `${where} should be ${wanted}: this is no strategy file, or it is damaged`);
}

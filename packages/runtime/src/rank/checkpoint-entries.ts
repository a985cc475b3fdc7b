import { bfloat16Bits, float16Bits } from '@cairn/bytes';
import type { ElementType } from '@cairn/bytes';
import { stateNames } from '@cairn/optim';
import type { RankState } from './rank-state.ts';

/** One entry of a rank's checkpoint; the content is made when it is asked for. */
export interface SavedEntry {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly content: () => Uint8Array;
}

/** The bookkeeping numbers of a checkpoint. */
export interface Bookkeeping {
  readonly epoch: number;
  readonly step: number;
  readonly globalBatchSize: number;
}

/**
 * The entries of a full checkpoint in upstream's order: weights, loss scale, updates, states, window, then what the
 * callback appends (mindformers-behaviour §1.4).
 */
export function fullEntries(state: RankState, dynamic: boolean, book: Bookkeeping): readonly SavedEntry[] {
  const { parameters, progress } = state;
  const { scale, currentStep, lastChangeStep } = progress.lossScale;
  const states = (kind: 'm' | 'v'): SavedEntry[] =>
    parameters.map(({ name, shape, [kind]: values }) => floats(stateNames(name)[kind], 'Float32', shape, values));
  return [
    ...weightEntries(state, 'optimizer'),
    floats('scale_sense', 'Float32', [], Float32Array.of(scale)),
    int32('global_step', [1], progress.globalStep),
    ...states('m'),
    ...states('v'),
    ...(dynamic
      ? [int32('current_iterator_step', [], currentStep), int32('last_overflow_iterator_step', [], lastChangeStep)]
      : []),
    int64('epoch_num', book.epoch),
    int64('step_num', book.step),
    floats('loss_scale', 'Float32', [], Float32Array.of(scale)),
    int64('global_batch_size', book.globalBatchSize),
  ];
}

/** The weights alone, in the order of the optimizer or of the model. */
export function weightEntries({ parameters }: RankState, order: 'optimizer' | 'model'): readonly SavedEntry[] {
  const inOrder = order === 'optimizer' ? parameters : parameters.toSorted((a, b) => a.model.index - b.model.index);
  return inOrder.map(({ name, dtype, shape, values }) => floats(name, dtype, shape, values));
}

type FloatType = 'Float16' | 'BFloat16' | 'Float32';

function floats(name: string, dtype: FloatType, shape: readonly number[], values: Float32Array): SavedEntry {
  return { name, dtype, shape, content: () => bytesOf(dtype, values) };
}

/** The stored bytes of float32 values. */
function bytesOf(dtype: FloatType, values: Float32Array): Uint8Array {
  const stored = dtype === 'Float16' ? float16Bits(values) : dtype === 'BFloat16' ? bfloat16Bits(values) : values;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

function int32(name: string, shape: readonly number[], value: number): SavedEntry {
  return { name, dtype: 'Int32', shape, content: () => new Uint8Array(Int32Array.of(value).buffer) };
}

function int64(name: string, value: number): SavedEntry {
  return { name, dtype: 'Int64', shape: [], content: () => new Uint8Array(BigInt64Array.of(BigInt(value)).buffer) };
}

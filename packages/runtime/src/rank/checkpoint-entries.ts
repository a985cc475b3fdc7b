import { bfloat16Bits, elementBytes, elementCount, float16Bits } from '@cairn/bytes';
import type { Box, ElementType } from '@cairn/bytes';
import { stateNames } from '@cairn/optim';
import { weightFoldersOf } from '../settings/save-settings.ts';
import type { SaveSettings } from '../settings/save-settings.ts';
import type { ExpectedContents } from './checkpoint-file.ts';
import type { RankParameter, RankState } from './rank-state.ts';

/** What of a rank's state is saved. */
export type SavedState = Pick<RankState, 'parameters' | 'progress'>;

/** One entry of a rank's checkpoint; the content is made when it is asked for. */
export interface SavedEntry {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** The tensor of which this is a slice, and where it lies there; null for a number of the run, which no rank shares. */
  readonly sliceOf: { readonly shape: readonly number[]; readonly box: Box } | null;
  readonly content: () => Uint8Array;
}

/** The bookkeeping numbers of a checkpoint. */
export interface Bookkeeping {
  readonly epoch: number;
  readonly step: number;
  readonly globalBatchSize: number;
}

/** What the files of a save hold. */
export interface SaveContents {
  /** Of the checkpoint. */
  readonly entries: readonly SavedEntry[];
  /** Of the files of weights alone; empty when none are written. */
  readonly weights: readonly SavedEntry[];
}

/** What decides about the contents of a run's saves. */
export interface ContentRules {
  readonly settings: SaveSettings;
  readonly expected: ExpectedContents;
  readonly dynamicLossScale: boolean;
}

/** What a save of a rank holds now. */
export function saveContents(state: SavedState, rules: ContentRules, book: Bookkeeping): SaveContents {
  const { settings, expected, dynamicLossScale } = rules;
  const stored = settings.reduced ? expected.owned : expected.whole;
  const entries = fullEntries(state, dynamicLossScale, book);
  return {
    entries: entries.filter(({ name, sliceOf }) => sliceOf === null || stored.has(name)),
    weights: weightFoldersOf(settings).length === 0 ? [] : weightEntries(state, 'model'),
  };
}

/** Bytes of what a save takes from the state; what is in several files counts once. */
export function savedBytes(state: SavedState, rules: ContentRules): number {
  const { entries, weights } = saveContents(state, rules, { epoch: 0, step: 0, globalBatchSize: 0 });
  const sizes = [...entries, ...weights].map(
    ({ name, dtype, shape }) => [name, elementCount(shape) * elementBytes(dtype)] as const,
  );
  return [...new Map(sizes).values()].reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * The entries of a full checkpoint in upstream's order: weights, loss scale, updates, states, window, then what the
 * callback appends (mindformers-behaviour §1.4).
 */
function fullEntries(state: SavedState, dynamic: boolean, book: Bookkeeping): readonly SavedEntry[] {
  const { parameters, progress } = state;
  const { scale, currentStep, lastChangeStep } = progress.lossScale;
  const states = (kind: 'm' | 'v'): SavedEntry[] =>
    parameters.map((parameter) => slice(parameter, stateNames(parameter.name)[kind], 'Float32', parameter[kind]));
  return [
    ...weightEntries(state, 'optimizer'),
    float32('scale_sense', scale),
    int32('global_step', [1], progress.globalStep),
    ...states('m'),
    ...states('v'),
    ...(dynamic
      ? [int32('current_iterator_step', [], currentStep), int32('last_overflow_iterator_step', [], lastChangeStep)]
      : []),
    int64('epoch_num', book.epoch),
    int64('step_num', book.step),
    float32('loss_scale', scale),
    int64('global_batch_size', book.globalBatchSize),
  ];
}

/** The weights alone, in the order of the optimizer or of the model. */
function weightEntries({ parameters }: SavedState, order: 'optimizer' | 'model'): readonly SavedEntry[] {
  const inOrder = order === 'optimizer' ? parameters : parameters.toSorted((a, b) => a.model.index - b.model.index);
  return inOrder.map((parameter) => slice(parameter, parameter.name, parameter.dtype, parameter.values));
}

type FloatType = 'Float16' | 'BFloat16' | 'Float32';

/** A rank's piece of a parameter, or of a state shaped like it. */
function slice({ model, shape, box }: RankParameter, name: string, dtype: FloatType, values: Float32Array): SavedEntry {
  return { name, dtype, shape, sliceOf: { shape: model.shape, box }, content: () => bytesOf(dtype, values) };
}

/** The stored bytes of float32 values. */
function bytesOf(dtype: FloatType, values: Float32Array): Uint8Array {
  const stored = dtype === 'Float16' ? float16Bits(values) : dtype === 'BFloat16' ? bfloat16Bits(values) : values;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

function number(name: string, dtype: ElementType, shape: readonly number[], value: ArrayBuffer): SavedEntry {
  return { name, dtype, shape, sliceOf: null, content: () => new Uint8Array(value) };
}

function float32(name: string, value: number): SavedEntry {
  return number(name, 'Float32', [], Float32Array.of(value).buffer);
}

function int32(name: string, shape: readonly number[], value: number): SavedEntry {
  return number(name, 'Int32', shape, Int32Array.of(value).buffer);
}

function int64(name: string, value: number): SavedEntry {
  return number(name, 'Int64', [], BigInt64Array.of(BigInt(value)).buffer);
}

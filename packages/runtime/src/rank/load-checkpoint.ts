import { fromBfloat16Bits, fromFloat16Bits, roundTo } from '@cairn/bytes';
import type { CheckpointIndex, TensorEntry } from '@cairn/ckpt-format';
import { elementValues } from '@cairn/ckpt-format';
import { stateNames } from '@cairn/optim';
import { RunError } from '../run-error.ts';
import type { ReadableCheckpoint } from './checkpoint-file.ts';
import type { RankState } from './rank-state.ts';

/** Where an entry of the file goes. */
export interface Target {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Type the values are rounded to on the device. */
  readonly roundTo: 'Float16' | 'BFloat16' | 'Float32';
}

/** Bookkeeping entries, which are read by themselves. */
const BOOKKEEPING = new Set([
  'scale_sense',
  'global_step',
  'current_iterator_step',
  'last_overflow_iterator_step',
  'epoch_num',
  'step_num',
  'loss_scale',
  'global_batch_size',
  'learning_rate',
]);

/**
 * Loads weights and optimizer state of the very same model.
 *
 * @param lent entries that another rank stores for this one
 * @throws RunError `another-model`, exit 4, when an entry is missing, too many, or differently shaped (ruling 16)
 */
export async function loadEverything(
  checkpoint: ReadableCheckpoint,
  state: RankState,
  lent: ReadonlySet<string>,
): Promise<void> {
  const targets = new Map([...weightTargets(state), ...stateTargets(state)]);
  const { missing, extra, misshapen } = compare(checkpoint.index, targets);
  const told = [
    ...missing.filter((name) => !lent.has(name)).map((name) => `  ${name} is missing`),
    ...extra.map((name) => `  ${name} is not in this model`),
    ...misshapen,
  ];
  if (told.length > 0) throw anotherModel(checkpoint.file, told);
  await fill(checkpoint, targets);
}

/** A layer's weights in Hugging Face's own names, which are those of no model here. */
const HUGGING_FACE = /^model\.layers\.\d+\.(?:self_attn|mlp)\./;

/** What a start from weights did not match. */
export interface WeightsLoaded {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/**
 * Loads weights; what else the file holds is left alone.
 *
 * @param lent entries that another rank stores for this one
 * @throws RunError `another-model`, exit 4, when a weight is differently shaped, nothing matches, or names are those of
 *         Hugging Face, of which the head alone would match
 */
export async function loadWeights(
  checkpoints: readonly ReadableCheckpoint[],
  state: RankState,
  lent: ReadonlySet<string>,
): Promise<WeightsLoaded> {
  const targets = weightTargets(state);
  const wanted = [...targets.keys()].filter((name) => !lent.has(name));
  const missing = new Set(wanted);
  const extra: string[] = [];
  for (const checkpoint of checkpoints) {
    const found = compare(checkpoint.index, targets);
    const foreign = found.extra.find((name) => HUGGING_FACE.test(name));
    if (foreign !== undefined) {
      const why = `  ${foreign} is a name of Hugging Face: give its weights the names of MindFormers first`;
      throw anotherModel(checkpoint.file, [why]);
    }
    if (found.misshapen.length > 0) throw anotherModel(checkpoint.file, found.misshapen);
    extra.push(...found.extra.filter((name) => !/^adam_[mv]\./.test(name)));
    for (const entry of checkpoint.index.entries) missing.delete(entry.name);
    await fill(checkpoint, targets);
  }
  const files = checkpoints.map(({ file }) => file).join(', ');
  if (wanted.length > 0 && missing.size === wanted.length)
    throw anotherModel(files, ['  not one of its entries is a weight of this model']);
  return { missing: [...missing], extra };
}

/** Numbers of the training wrapper in a full checkpoint; null where the file has none. */
export interface WrapperNumbers {
  readonly globalStep: number | null;
  readonly lossScale: number | null;
  readonly currentStep: number | null;
  readonly lastChangeStep: number | null;
}

/** Reads the wrapper's numbers. */
export async function readWrapper({ index, content }: ReadableCheckpoint): Promise<WrapperNumbers> {
  const read = async (name: string): Promise<number | null> => {
    const entry = index.entries.find((each): each is TensorEntry => each.kind === 'tensor' && each.name === name);
    return entry === undefined ? null : Number(elementValues(entry.dtype, await content(entry))[0]);
  };
  return {
    globalStep: await read('global_step'),
    lossScale: (await read('loss_scale')) ?? (await read('scale_sense')),
    currentStep: await read('current_iterator_step'),
    lastChangeStep: await read('last_overflow_iterator_step'),
  };
}

/** Where the weights of a rank go, by name. */
export function weightTargets({ parameters }: RankState): ReadonlyMap<string, Target> {
  return new Map(parameters.map(({ name, dtype, shape, values }) => [name, { shape, values, roundTo: dtype }]));
}

/** Where the optimizer's state of a rank goes, by name. */
export function stateTargets({ parameters }: RankState): ReadonlyMap<string, Target> {
  return new Map(
    parameters.flatMap(({ name, shape, m, v }) => {
      const names = stateNames(name);
      const target = (values: Float32Array): Target => ({ shape, values, roundTo: 'Float32' });
      return [[names.m, target(m)] as const, [names.v, target(v)] as const];
    }),
  );
}

function compare(index: CheckpointIndex, targets: ReadonlyMap<string, Target>) {
  const missing = new Set(targets.keys());
  const extra: string[] = [];
  const misshapen: string[] = [];
  for (const entry of index.entries) {
    const target = targets.get(entry.name);
    missing.delete(entry.name);
    if (target === undefined) {
      if (!BOOKKEEPING.has(entry.name) && !entry.name.startsWith('accu_grads.')) extra.push(entry.name);
    } else if (entry.kind !== 'tensor' || entry.shape.join() !== target.shape.join()) {
      misshapen.push(
        `  ${entry.name} has shape [${entry.kind === 'tensor' ? entry.shape : ''}], the model wants [${target.shape}]`,
      );
    }
  }
  return { missing: [...missing], extra, misshapen };
}

/** Most lines of a list that is told. */
const TOLD_LINES = 12;

function anotherModel(file: string, told: readonly string[]): RunError {
  const rest = told.length > TOLD_LINES ? [`  and ${told.length - TOLD_LINES} more`] : [];
  const lines = [...told.slice(0, TOLD_LINES), ...rest].join('\n');
  return new RunError('another-model', 4, `${file} is not a checkpoint of this model:\n${lines}`, { file });
}

async function fill(checkpoint: ReadableCheckpoint, targets: ReadonlyMap<string, Target>): Promise<void> {
  for (const entry of checkpoint.index.entries) {
    const target = targets.get(entry.name);
    if (target === undefined || entry.kind !== 'tensor') continue;
    target.values.set(floatsOf(await checkpoint.content(entry), entry, checkpoint.file));
    roundTo(target.roundTo, target.values);
  }
}

/** Stored floating values as float32. */
function floatsOf(bytes: Uint8Array, { name, dtype }: TensorEntry, file: string): Float32Array | Float64Array {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const view = [aligned.buffer, aligned.byteOffset] as const;
  switch (dtype) {
    case 'Float32':
      return new Float32Array(...view, bytes.length / 4);
    case 'Float64':
      return new Float64Array(...view, bytes.length / 8);
    case 'Float16':
      return fromFloat16Bits(new Uint16Array(...view, bytes.length / 2));
    case 'BFloat16':
      return fromBfloat16Bits(new Uint16Array(...view, bytes.length / 2));
    default:
      throw new RunError('another-model', 4, `${file}: ${name} is ${dtype}, a floating type is wanted`, {
        file,
        tensor: name,
      });
  }
}

import type { ByteSource } from '@cairn/bytes';
import { elementCount } from '@cairn/bytes';
import type { CheckpointIndex, TensorEntry } from '../checkpoint-index.ts';
import { CkptError } from '../ckpt-error.ts';
import { elementValues } from '../element-values.ts';
import { readElements } from '../read-elements.ts';

/** The bookkeeping numbers of a checkpoint (mindformers-behaviour §1.4); null where the file has none. */
export interface CheckpointPosition {
  /** Steps trained. */
  readonly step: number | null;
  /** Epoch, or with data sinking the number of sinks. */
  readonly epoch: number | null;
  readonly globalBatchSize: number | null;
  readonly lossScale: number | null;
}

const NAMES = {
  step: 'step_num',
  epoch: 'epoch_num',
  globalBatchSize: 'global_batch_size',
  lossScale: 'loss_scale',
} as const;

/**
 * Reads the bookkeeping numbers: single elements of any numeric type, shape [] or [1].
 *
 * @throws CkptError when a number cannot be read, `malformed` when one that counts is no whole number
 */
export async function readPosition(source: ByteSource, index: CheckpointIndex): Promise<CheckpointPosition> {
  const entries = new Map(index.entries.map((entry) => [entry.name, entry]));
  const numberOf = async (name: string): Promise<number | null> => {
    const entry = entries.get(name);
    if (entry?.kind !== 'tensor' || elementCount(entry.shape) !== 1) return null;
    const value = await readNumber(source, entry);
    if (name !== NAMES.lossScale && !isCount(value)) throw noCount(entry, value);
    return value;
  };
  return {
    step: await numberOf(NAMES.step),
    epoch: await numberOf(NAMES.epoch),
    globalBatchSize: await numberOf(NAMES.globalBatchSize),
    lossScale: await numberOf(NAMES.lossScale),
  };
}

/** The one element of a tensor as a number. */
export async function readNumber(source: ByteSource, entry: TensorEntry): Promise<number> {
  return Number(elementValues(entry.dtype, await readElements(source, entry, 0, 1))[0]);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function noCount({ name, chunks }: TensorEntry, value: number): CkptError {
  const byte = chunks[0]?.offset ?? 0;
  return new CkptError('malformed', `byte ${byte}: ${name} is ${value}; the file is damaged: use another copy`, {
    byte,
    tensor: name,
  });
}

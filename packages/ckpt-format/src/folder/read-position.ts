import type { ByteSource } from '@cairn/bytes';
import { elementCount, fromBfloat16Bits, fromFloat16Bits } from '@cairn/bytes';
import type { CheckpointIndex, TensorEntry } from '../checkpoint-index.ts';
import { readTensor } from '../read-tensor.ts';

/** The bookkeeping numbers of a checkpoint (mindformers-behaviour §1.4); null where the file has none. */
export interface CheckpointPosition {
  /** Steps trained. */
  readonly step: number | null;
  /** Epoch, or with data sinking the number of sinks. */
  readonly epoch: number | null;
  /** Updates applied: steps without those that overflowed. */
  readonly globalStep: number | null;
  readonly globalBatchSize: number | null;
  readonly lossScale: number | null;
}

const NAMES = {
  step: 'step_num',
  epoch: 'epoch_num',
  globalStep: 'global_step',
  globalBatchSize: 'global_batch_size',
  lossScale: 'loss_scale',
} as const;

/**
 * Reads the bookkeeping numbers: single elements of any numeric type, shape [] or [1].
 *
 * @throws CkptError when a number cannot be read
 */
export async function readPosition(source: ByteSource, index: CheckpointIndex): Promise<CheckpointPosition> {
  const wanted = new Set<string>(Object.values(NAMES));
  const numbers = new Map<string, number>();
  for (const entry of index.entries) {
    if (entry.kind === 'tensor' && wanted.has(entry.name) && elementCount(entry.shape) === 1) {
      numbers.set(entry.name, await readNumber(source, entry));
    }
  }
  const numberOf = (name: string): number | null => numbers.get(name) ?? null;
  return {
    step: numberOf(NAMES.step),
    epoch: numberOf(NAMES.epoch),
    globalStep: numberOf(NAMES.globalStep),
    globalBatchSize: numberOf(NAMES.globalBatchSize),
    lossScale: numberOf(NAMES.lossScale),
  };
}

/** The one element of a tensor as a number. */
export async function readNumber(source: ByteSource, entry: TensorEntry): Promise<number> {
  const bytes = await readTensor(source, entry);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (entry.dtype) {
    case 'Bool':
    case 'Int4':
    case 'UInt8':
      return view.getUint8(0);
    case 'Int8':
      return view.getInt8(0);
    case 'Int16':
      return view.getInt16(0, true);
    case 'UInt16':
      return view.getUint16(0, true);
    case 'Int32':
      return view.getInt32(0, true);
    case 'UInt32':
      return view.getUint32(0, true);
    case 'Int64':
      return Number(view.getBigInt64(0, true));
    case 'UInt64':
      return Number(view.getBigUint64(0, true));
    case 'Float16':
      return fromFloat16Bits(Uint16Array.of(view.getUint16(0, true)))[0]!;
    case 'BFloat16':
      return fromBfloat16Bits(Uint16Array.of(view.getUint16(0, true)))[0]!;
    case 'Float32':
      return view.getFloat32(0, true);
    case 'Float64':
      return view.getFloat64(0, true);
  }
}

import { EpochOrders } from './epoch-order.ts';
import type { SampleOrder } from './sample-order.ts';
import { rowsPerEpoch } from './sample-order.ts';

/** An operation on a sequence of rows or batches, as of `mindspore.dataset`; applied in every epoch. */
export type PipelineOp =
  /** Consecutive rows become one element; a short last one is dropped or kept. */
  | { readonly type: 'batch'; readonly size: number; readonly dropRemainder: boolean }
  /** So many epochs of what is before become one. */
  | { readonly type: 'repeat'; readonly count: number }
  | { readonly type: 'skip'; readonly count: number }
  | { readonly type: 'take'; readonly count: number };

/** Which rows a data pipeline delivers, computed for any place without running what is before. */
export interface Pipeline {
  /** Elements (rows, or batches behind a `batch`) an epoch: MindSpore's dataset size. */
  readonly size: number;
  /** The rows of one element; ascending asks are fast, asks for an earlier epoch compute orders again. */
  readonly rowsAt: (epoch: number, element: number) => Int32Array;
}

/** The pipeline of operations on a sampled data set, e.g. batch and repeat. */
export function pipeline(order: SampleOrder, ops: readonly PipelineOp[]): Pipeline {
  const orders = new EpochOrders(order);
  const source: Pipeline = {
    size: rowsPerEpoch(order),
    rowsAt: (epoch, row) => orders.at(epoch).slice(row, row + 1),
  };
  return ops.reduce((before, op) => applied(before, op), source);
}

function applied(before: Pipeline, op: PipelineOp): Pipeline {
  const { size } = before;
  if (op.type === 'batch') return batched(before, op.size, op.dropRemainder);
  if (op.type === 'repeat') {
    const at = (epoch: number, i: number): Int32Array =>
      before.rowsAt(epoch * op.count + Math.floor(i / size), i % size);
    return { size: size * op.count, rowsAt: at };
  }
  if (op.type === 'take') return { ...before, size: Math.min(size, op.count) };
  return { size: Math.max(0, size - op.count), rowsAt: (epoch, i) => before.rowsAt(epoch, i + op.count) };
}

function batched(before: Pipeline, size: number, dropRemainder: boolean): Pipeline {
  return {
    size: dropRemainder ? Math.floor(before.size / size) : Math.ceil(before.size / size),
    rowsAt(epoch, batch) {
      const first = batch * size;
      const count = Math.min(size, before.size - first);
      return concatenated(Array.from({ length: count }, (_, i) => before.rowsAt(epoch, first + i)));
    },
  };
}

function concatenated(parts: readonly Int32Array[]): Int32Array {
  const out = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

import fs from 'node:fs';
import path from 'node:path';
import type { TensorSpec } from '@cairn/ckpt-format';
import { layoutCkpt } from '@cairn/ckpt-format';
import type { Layout } from '@cairn/strategy';
import { sliceShape } from '@cairn/strategy';
import { layoutsOf, writeStrategy } from '@cairn/strategy/files';
import type { StrategyFile } from '@cairn/strategy/files';

/** Full shape of every tensor: 32 MiB of float32; over eight ranks rows of 2 KiB where columns are cut. */
const SHAPE = [2048, 4096] as const;

/** A tensor of the benchmark: cut on axis 0 and on axis 1 by turns. */
function layoutFor(tensor: number, devices: number): Layout {
  const tensorMap = tensor % 2 === 0 ? [0, -1] : [-1, 0];
  return { deviceMatrix: [devices], tensorMap, optimizerShardSize: 0, optimizerShardStep: 0 };
}

/**
 * A checkpoint over eight ranks and the strategies of eight and of four.
 *
 * @param tensors of 32 MiB each
 * @param content what the tensors hold; holes when absent, so that any size is made at once
 */
export function writeEightRanks(folder: string, tensors: number, content: Uint8Array | null): void {
  const names = Array.from({ length: tensors }, (_, i) => `layers.${i}.weight`);
  for (let rank = 0; rank < 8; rank++) {
    const specs = names.map((name, i): TensorSpec => {
      return { kind: 'tensor', name, dtype: 'Float32', shape: sliceShape(layoutFor(i, 8), SHAPE) };
    });
    writeFile(path.join(folder, `src/rank_${rank}/checkpoint_${rank}.ckpt`), specs, content);
  }
  for (const devices of [8, 4]) {
    const layouts = names.map((name, i) => {
      return { name, layout: layoutFor(i, devices), shape: null, field: 0, splitShape: [], indicesOffset: [] };
    });
    const operators = [{ node: 'MatMul_0', stage: 0, inputs: [[1]] }];
    const bytes = writeStrategy({ currentStage: 1, operators, layouts }, 'protobuf');
    fs.writeFileSync(path.join(folder, `strategy_${devices}.ckpt`), bytes);
  }
}

/** The checkpoints of all ranks of a strategy that tells shapes, float32, with holes for contents. */
export function writeRanks(folder: string, strategy: StrategyFile): void {
  const { stages, stageRanks, tensors } = layoutsOf(strategy);
  for (let stage = 0; stage < stages; stage++) {
    const specs = Array.from(tensors, ([name, { byStage, shape }]): readonly TensorSpec[] => {
      const layout = byStage.get(stage);
      if (layout === undefined || shape === null) return [];
      return [{ kind: 'tensor', name, dtype: 'Float32', shape: sliceShape(layout, shape) }];
    }).flat();
    for (let local = 0; local < stageRanks; local++) {
      const rank = stage * stageRanks + local;
      writeFile(path.join(folder, `rank_${rank}/checkpoint_${rank}.ckpt`), specs, null);
    }
  }
}

function writeFile(file: string, specs: readonly TensorSpec[], content: Uint8Array | null): void {
  const layout = layoutCkpt(specs);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const descriptor = fs.openSync(file, 'w');
  for (const { parts } of layout.entries) {
    for (const { header, headerOffset, offset, bytes } of parts) {
      fs.writeSync(descriptor, header, 0, header.length, headerOffset);
      if (content !== null) fs.writeSync(descriptor, content, 0, bytes, offset);
    }
  }
  fs.ftruncateSync(descriptor, layout.bytes);
  fs.closeSync(descriptor);
}

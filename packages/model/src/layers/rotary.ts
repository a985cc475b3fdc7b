import { roundTo } from '@cairn/bytes';
import type { GraphBuilder, Value } from '@cairn/graph';
import { headWidth } from '../llama.ts';
import type { LlamaSpec } from '../llama.ts';

/** x·cos + rotateHalf(x)·sin: x [rows, heads, seq, headWidth], tables [1, 1, seq, headWidth]. */
export function rotary(g: GraphBuilder, x: Value, cos: Value, sin: Value, { precision }: LlamaSpec): Value {
  const own = g.round(x, precision.rotary);
  const turned = g.add(g.mul(own, cos), g.mul(g.rotateHalf(own), sin));
  return g.round(g.round(turned, precision.rotary), precision.compute);
}

/**
 * The tables of the rotary embedding, each [1, 1, seq, headWidth], rounded to the rotary type.
 *
 * angle(position, j) = position · theta^(-2j / headWidth) for j in the first half, repeated in the second
 * (qwen-llama-data §3.1).
 */
export function rotaryTables(spec: LlamaSpec): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const width = headWidth(spec);
  const frequencies = rotaryFrequencies(spec);
  const cos = new Float32Array(spec.seqLength * width);
  const sin = new Float32Array(spec.seqLength * width);
  const step = spec.rotaryScaling.kind === 'PI' ? 1 / spec.rotaryScaling.factor : 1;
  for (let position = 0; position < spec.seqLength; position++) {
    for (let channel = 0; channel < width; channel++) {
      const angle = Math.fround(Math.fround(position * step) * frequencies[channel % (width / 2)]!);
      cos[position * width + channel] = Math.cos(angle);
      sin[position * width + channel] = Math.sin(angle);
    }
  }
  return { cos: roundTo(spec.precision.rotary, cos), sin: roundTo(spec.precision.rotary, sin) };
}

/** Radians a position for each pair of channels, [headWidth / 2]. */
function rotaryFrequencies(spec: LlamaSpec): Float32Array {
  const width = headWidth(spec);
  const scaling = spec.rotaryScaling;
  const theta = scaling.kind === 'NTK' ? spec.theta * scaling.factor : spec.theta;
  return Float32Array.from({ length: width / 2 }, (_, j) => {
    const frequency = 1 / theta ** ((2 * j) / width);
    switch (scaling.kind) {
      case 'none':
      case 'NTK':
      case 'PI':
        return frequency;
      case 'LINEAR':
        return frequency / scaling.factor;
      case 'LLAMA3': {
        const waves = scaling.originalPositions / ((2 * Math.PI) / frequency);
        if (waves > scaling.highFrequencyFactor) return frequency;
        if (waves < scaling.lowFrequencyFactor) return frequency / scaling.factor;
        const kept = (waves - scaling.lowFrequencyFactor) / (scaling.highFrequencyFactor - scaling.lowFrequencyFactor);
        return ((1 - kept) * frequency) / scaling.factor + kept * frequency;
      }
    }
  });
}

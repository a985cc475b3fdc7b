import { elementCount, roundTo } from '@cairn/bytes';
import type { Box } from '@cairn/bytes';
import type { LlamaSpec } from './llama.ts';
import type { ModelParameter } from './parameters.ts';

/**
 * Fresh values of a slice of a parameter, rounded to its type.
 *
 * Every element depends only on the seed, the parameter's name and its position in the full tensor, so a slice is the
 * same however the tensor is cut. Normal values by the method of Box and Muller.
 *
 * @param box the slice, one range of elements an axis
 */
export function initialValues(spec: LlamaSpec, parameter: ModelParameter, box: Box, seed: number): Float32Array {
  const out = new Float32Array(elementCount(box.map(([begin, end]) => end - begin)));
  if (parameter.init === 'zeros') return out;
  if (parameter.init === 'ones') return out.fill(1);
  const stream = streamOf(parameter.name, seed);
  let to = 0;
  const walk = (axis: number, position: number): void => {
    const [begin, end] = box[axis]!;
    const inner = elementCount(parameter.shape.slice(axis + 1));
    for (let i = begin; i < end; i++) {
      if (axis === box.length - 1) out[to++] = spec.initStd * normalAt(stream, position + i);
      else walk(axis + 1, position + i * inner);
    }
  };
  walk(0, 0);
  return roundTo(parameter.dtype, out);
}

/** Starting point of a parameter's random numbers (FNV-1a over name and seed). */
function streamOf(name: string, seed: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${name}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

/** The standard normal number at a position: positions 2k and 2k + 1 share a pair of uniform ones. */
function normalAt(stream: number, position: number): number {
  const pair = Math.floor(position / 2);
  const u = (mixed(stream, 2 * pair) + 1) / 4294967297;
  const v = mixed(stream, 2 * pair + 1) / 4294967296;
  const radius = Math.sqrt(-2 * Math.log(u));
  return radius * (position % 2 === 0 ? Math.cos(2 * Math.PI * v) : Math.sin(2 * Math.PI * v));
}

/** 32 well mixed bits of (stream, counter): two rounds of the murmur3 finalizer. */
function mixed(stream: number, counter: number): number {
  let x = (stream ^ Math.imul(counter, 0x9e3779b1)) >>> 0;
  for (let round = 0; round < 2; round++) {
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    x = (x ^ (x >>> 16) ^ Math.imul(Math.floor(counter / 4294967296) + stream, 0x27d4eb2f)) >>> 0;
  }
  return x;
}

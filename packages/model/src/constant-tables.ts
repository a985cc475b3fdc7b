import { causalTable } from './layers/attention.ts';
import { rotaryTables } from './layers/rotary.ts';
import { headWidth } from './llama.ts';
import type { LlamaSpec } from './llama.ts';
import { ownTokens } from './rank-place.ts';
import type { RankPlace } from './rank-place.ts';

/**
 * Values of a program's tables for the tokens a rank works on: `cos` and `sin` [1, 1, own tokens, headWidth], `causal`
 * [1, 1, own tokens, seq].
 */
export function constantTables(spec: LlamaSpec, place: RankPlace): ReadonlyMap<string, Float32Array> {
  const own = ownTokens(spec, place);
  const ownRows = (table: Float32Array, width: number): Float32Array =>
    table.subarray(place.context.rank * own * width, (place.context.rank + 1) * own * width);
  const { cos, sin } = rotaryTables(spec);
  return new Map([
    ['cos', ownRows(cos, headWidth(spec))],
    ['sin', ownRows(sin, headWidth(spec))],
    ['causal', ownRows(causalTable(spec.seqLength), spec.seqLength)],
  ]);
}

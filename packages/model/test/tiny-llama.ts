import { FLOAT32 } from '../src/index.ts';
import type { LlamaSpec } from '../src/index.ts';

/** A model small enough for plain loops; every size is another number, so that a mix-up shows. */
export function tinyLlama(changes: Partial<LlamaSpec> = {}): LlamaSpec {
  return {
    vocabulary: 19,
    hidden: 12,
    layers: 2,
    heads: 3,
    kvHeads: 3,
    ffn: 10,
    seqLength: 5,
    normEps: 1e-5,
    theta: 100,
    rotaryScaling: { kind: 'none' },
    qkvBias: false,
    outputBias: false,
    tiedEmbedding: false,
    padTokenId: 0,
    ignoreTokenId: -100,
    initStd: 0.4,
    precision: FLOAT32,
    ...changes,
  };
}

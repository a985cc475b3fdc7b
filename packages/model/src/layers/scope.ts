import type { GraphBuilder } from '@cairn/graph';
import type { LlamaSpec } from '../llama.ts';
import type { RankPlace } from '../rank-place.ts';

/** What every layer is built with. Inputs of the graph are named as the program's buffers. */
export interface Scope {
  readonly g: GraphBuilder;
  readonly spec: LlamaSpec;
  readonly place: RankPlace;
}

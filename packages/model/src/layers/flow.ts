import type { Value } from '@cairn/graph';
import { enter, gather, leave, MODEL_GROUP, scatter } from '../rank-share.ts';
import type { Scope } from './scope.ts';

/** Before cut weights: [flow tokens, hidden] → all tokens of this rank's rows, [own tokens, hidden]. */
export function enterWeights({ g, place: { tensor, sequence } }: Scope, x: Value): Value {
  return sequence ? gather(g, x, 0, MODEL_GROUP, tensor) : enter(g, x, tensor);
}

/** Behind cut weights: summands [own tokens, hidden] → their sum over the ranks, [flow tokens, hidden]. */
export function leaveWeights({ g, place: { tensor, sequence } }: Scope, x: Value): Value {
  return sequence ? scatter(g, x, 0, MODEL_GROUP, tensor) : leave(g, x, tensor);
}

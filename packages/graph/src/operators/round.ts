import { roundTo } from '@cairn/bytes';
import { at } from './operator.ts';
import type { Operator } from './operator.ts';

/** Floating types a value can be rounded to; Float32 leaves it. */
export type RoundTo = 'Float16' | 'BFloat16' | 'Float32';

/** ONNX TensorProto.DataType. */
const ONNX_TYPE = { Float32: 1, Float16: 10, BFloat16: 16 } as const;

/** Rounds to another floating type and back; its gradient is rounded likewise, as the device keeps it in that type. */
export const round: Operator<{ readonly to: RoundTo }> = {
  shape: ([x = []]) => x,
  gradient: (g, { attributes }, dy) => [g.round(dy, attributes.to)],
  compute: (inputs, { to }) => roundTo(to, Float32Array.from(at(inputs, 0).data)),
  onnx(out, names, { attributes }) {
    const narrow = out.node('Cast', names, { to: ONNX_TYPE[attributes.to] });
    return out.node('Cast', [narrow], { to: ONNX_TYPE.Float32 });
  },
};

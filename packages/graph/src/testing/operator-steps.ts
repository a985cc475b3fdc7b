import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { isGraphError } from '../tensor.ts';

/** Where a step begins. */
interface Place {
  readonly g: GraphBuilder;
  /** Values that are there, of any shape. */
  readonly x: Value;
  readonly y: Value;
  readonly ids: { readonly row: Value; readonly column: Value };
  /** Any number, for attributes. */
  readonly pick: number;
}

/** Adds a value to a graph; null where the operator does not apply to the shapes that are there. */
type Step = (place: Place) => Value | null;

/** Most elements a value may have. */
const MOST_ELEMENTS = 256;

/** One step for each operator. Where a function grows without bound or has a pole, its operand is brought to size first. */
const steps: readonly Step[] = [
  whereShapesFit(({ g, x, y }) => g.add(x, y)),
  whereShapesFit(({ g, x, y }) => g.sub(x, y)),
  whereShapesFit(({ g, x, y }) => g.mul(g.sigmoid(x), y)),
  whereShapesFit(({ g, x, y }) => g.div(x, positive(g, y))),
  ({ g, x, pick }) => g.scale(x, [-1, 0.5, 0, 0.3][pick % 4]!),
  ({ g, x, pick }) => g.offset(x, [-1, 0.5, 0, 0.3][pick % 4]!),
  ({ g, x }) => g.exp(g.sigmoid(x)),
  ({ g, x }) => g.log(positive(g, x)),
  ({ g, x }) => g.sqrt(positive(g, x)),
  ({ g, x }) => g.reciprocal(positive(g, x)),
  ({ g, x }) => g.sigmoid(x),
  whereShapesFit(({ g, x, y, pick }) => g.matmul(g.sigmoid(x), y, { a: pick % 2 > 0, b: pick % 4 > 1 })),
  ({ g, x, pick }) => g.reshape(x, pick % 2 > 0 ? [count(x)] : [x.shape[0] ?? 1, count(x) / (x.shape[0] ?? 1)]),
  ({ g, x }) => g.transpose(x, [...x.shape.keys()].toReversed()),
  ({ g, x }) => g.broadcast(x, [2, ...x.shape]),
  ({ g, x, pick }) => g.slice(x, pick % x.shape[0]!, x.shape[0] ?? 1),
  ({ g, x, pick }) => g.apply('pad', [x], { before: pick % 3, rows: x.shape[0]! + 2 }),
  ({ g, x }) => (x.shape.at(-1)! % 2 === 0 ? g.rotateHalf(x) : null),
  ({ g, x, pick }) => g.sum(x, [pick % x.shape.length]),
  ({ g, x }) => g.mean(x),
  ({ g, x }) => g.max(x),
  ({ g, x }) => g.softmax(x),
  ({ g, x, ids }) => (x.shape.length === 2 && x.shape[0]! >= 2 ? g.gather(x, ids.row) : null),
  ({ g, x, ids }) => (isPair(x) ? g.apply('scatterRows', [x, ids.row], { rows: 3 }) : null),
  ({ g, x, ids }) => (isPair(x) && x.shape[1]! >= 2 ? g.take(x, ids.column) : null),
  ({ g, x, ids }) => (isPair(x) && x.shape[1] === 1 ? g.apply('scatterElements', [x, ids.column], { width: 3 }) : null),
  ({ g, x, ids }) => (isPair(x) && x.shape[1]! >= 2 ? g.crossEntropy(x, ids.column) : null),
];

/** A step of a random graph for each operator but rounding and the collectives; none makes a value much larger than it is. */
export const operatorSteps: readonly Step[] = steps.map(
  (step) => (place) => (count(place.x) * 2 > MOST_ELEMENTS ? null : step(place)),
);

/** Two rows, as the ids are for. */
function isPair({ shape }: Value): boolean {
  return shape.length === 2 && shape[0] === 2;
}

/** x² + 0.5 */
function positive(g: GraphBuilder, x: Value): Value {
  return g.offset(g.mul(x, x), 0.5);
}

function count({ shape }: Value): number {
  return shape.reduce((a, b) => a * b, 1);
}

function whereShapesFit(step: (place: Place) => Value): Step {
  return (place) => {
    try {
      return step(place);
    } catch (error) {
      if (isGraphError(error)) return null;
      throw error;
    }
  };
}

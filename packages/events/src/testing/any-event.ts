import fc from 'fast-check';
import type { EventBody, TrainingEvent } from '../events.ts';

const count = fc.nat();
const text = fc.string({ maxLength: 12 });
const number = fc.double();
const ms = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
const exit = { exitCode: fc.option(fc.nat(255)), signal: fc.option(text) };

/** Any event but for what all have. */
const anyBody: fc.Arbitrary<EventBody> = fc.oneof(
  fc.record({
    type: fc.constant('run-started' as const),
    mode: text,
    worldSize: count,
    parentRun: fc.option(text),
    totalSteps: count,
    stepsPerEpoch: count,
    epochs: count,
    sinkSize: fc.option(count),
    printEvery: count,
    globalBatchSize: count,
    seqLength: count,
    configDigest: text,
  }),
  fc.record({
    type: fc.constant('step' as const),
    epoch: count,
    stepInEpoch: count,
    step: count,
    samples: count,
    loss: number,
    lr: number,
    lossScale: number,
    overflow: fc.boolean(),
    globalNorm: number,
    stepMs: ms,
    gradientsMs: ms,
    tokensPerSec: number,
  }),
  fc.record({ type: fc.constant('rank-exited' as const), ...exit }),
  fc.record({ type: fc.constant('rank-lost' as const), ...exit, lastStep: fc.option(count), lastWords: text }),
  fc.record({ type: fc.constant('warning' as const), code: text, message: text, place: text }),
  fc.record({ type: fc.constant('run-finished' as const), steps: count, finalLoss: fc.option(number) }),
);

/** Any event, among them losses that are not finite and texts with line ends. */
export const anyEvent: fc.Arbitrary<TrainingEvent> = fc
  .record({ body: anyBody, runId: text, seq: count, atMs: ms, rank: fc.option(count, { nil: undefined }) })
  .map(({ body, rank, ...common }) => ({ ...common, ...(rank === undefined ? {} : { rank, rankSeq: 0 }), ...body }));

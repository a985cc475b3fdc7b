import fc from 'fast-check';
import type { EventBody, ResumeReason, TrainingEvent } from '../events.ts';

const count = fc.nat();
const text = fc.string({
  maxLength: 12,
  unit: fc.oneof(fc.constantFrom('\n', '\r', '\u2028', '"'), fc.string({ minLength: 1, maxLength: 1, unit: 'binary' })),
});
const number = fc.double();
const ms = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
const exit = { exitCode: fc.option(fc.nat(255)), signal: fc.option(text) };

const kind = <T extends TrainingEvent['type']>(type: T): fc.Arbitrary<T> => fc.constant(type);
const path = fc.stringMatching(/^[a-z_/]{1,20}-\d_\d\.ckpt$/);
const reason: fc.Arbitrary<ResumeReason> = fc.record({
  rank: fc.option(fc.nat(1023)),
  file: text,
  verdict: fc.constantFrom('taken', 'rejected', 'not-needed'),
  why: text,
});

/** One of each type of event, but for what all have. A type that is missing here does not compile. */
const bodies: { readonly [T in EventBody['type']]: fc.Arbitrary<Extract<EventBody, { type: T }>> } = {
  'run-started': fc.record({
    type: kind('run-started'),
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
  'rank-started': fc.record({ type: kind('rank-started'), host: text, pid: count }),
  'rank-exited': fc.record({ type: kind('rank-exited'), ...exit }),
  'compile-started': fc.record({ type: kind('compile-started'), stage: count }),
  'compile-finished': fc.record({
    type: kind('compile-finished'),
    stage: count,
    ms,
    segments: count,
    operators: count,
    parameters: count,
    deviceBytes: count,
  }),
  'resume-decided': fc.record({
    type: kind('resume-decided'),
    from: fc.option(path),
    epoch: count,
    step: count,
    stepScale: fc.double({ min: 0, minExcluded: true, noNaN: true, noDefaultInfinity: true }),
    reasons: fc.array(reason, { maxLength: 3 }),
  }),
  'checkpoint-loaded': fc.record({ type: kind('checkpoint-loaded'), path, bytes: count, ms }),
  'data-skipped': fc.record({
    type: kind('data-skipped'),
    steps: count,
    samples: count,
    repeated: count,
    leftOut: count,
  }),
  step: fc.record({
    type: kind('step'),
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
  stall: fc.record({ type: kind('stall'), of: fc.constantFrom('collective', 'save', 'data'), ms }),
  'checkpoint-saving': fc.record({
    type: kind('checkpoint-saving'),
    path,
    epoch: count,
    step: count,
    globalStep: count,
  }),
  'checkpoint-saved': fc.record({
    type: kind('checkpoint-saved'),
    path,
    network: fc.option(path),
    epoch: count,
    step: count,
    bytes: count,
    ms,
  }),
  'strategy-saved': fc.record({ type: kind('strategy-saved'), path }),
  'transform-planned': fc.record({
    type: kind('transform-planned'),
    source: path,
    destination: path,
    files: count,
    readBytes: count,
    writeBytes: count,
  }),
  'transform-progress': fc.record({ type: kind('transform-progress'), writtenBytes: count, writeBytes: count }),
  'transform-finished': fc.record({
    type: kind('transform-finished'),
    destination: path,
    files: count,
    readBytes: count,
    writtenBytes: count,
    ms,
  }),
  'checkpoint-pruned': fc.record({ type: kind('checkpoint-pruned'), path, reason: text }),
  'checkpoint-rejected': fc.record({ type: kind('checkpoint-rejected'), path, reason: text }),
  'rank-lost': fc.record({ type: kind('rank-lost'), ...exit, lastStep: fc.option(count), lastWords: text }),
  warning: fc.record({ type: kind('warning'), code: text, message: text, place: text }),
  'run-finished': fc.record({ type: kind('run-finished'), steps: count, finalLoss: fc.option(number) }),
  'run-failed': fc.record({
    type: kind('run-failed'),
    code: text,
    exitCode: fc.nat(255),
    message: text,
    failedRank: fc.option(count),
    tensor: fc.option(text),
    file: fc.option(path),
    byte: fc.option(count),
  }),
};

const anyBody: fc.Arbitrary<EventBody> = fc.oneof(...Object.values(bodies));

/** Any event of any type, among them losses that are not finite and texts with line ends. */
export const anyEvent: fc.Arbitrary<TrainingEvent> = fc
  .record({ body: anyBody, runId: text, seq: count, atMs: ms, rank: fc.option(count, { nil: undefined }) })
  .map(({ body, rank, ...common }) => ({ ...common, ...(rank === undefined ? {} : { rank, rankSeq: 0 }), ...body }));

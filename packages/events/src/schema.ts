import { z } from 'zod';
import type { ResumeReason, TrainingEvent } from './events.ts';

/** A number that may be "NaN", "Infinity" or "-Infinity" on the wire. */
const wireNumber: z.ZodType<number> = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);
const count = z.int().nonnegative();
const ms = z.number().nonnegative();

const common = {
  runId: z.string(),
  seq: count,
  atMs: z.number(),
  rank: count.optional(),
  rankSeq: count.optional(),
};

const exit = { exitCode: z.int().nullable(), signal: z.string().nullable() };

const reason: z.ZodType<ResumeReason> = z.object({
  rank: count.nullable(),
  file: z.string(),
  verdict: z.enum(['taken', 'rejected', 'not-needed']),
  why: z.string(),
});

/** Schema of one line of a record. Unknown fields are dropped; unknown types are errors. */
export const TrainingEventSchema: z.ZodType<TrainingEvent> = z.discriminatedUnion('type', [
  z.object({
    ...common,
    type: z.literal('run-started'),
    mode: z.string(),
    worldSize: count,
    parentRun: z.string().nullable(),
    totalSteps: count,
    stepsPerEpoch: count,
    epochs: count,
    sinkSize: count.nullable(),
    printEvery: count,
    globalBatchSize: count,
    seqLength: count,
    configDigest: z.string(),
  }),
  z.object({ ...common, type: z.literal('rank-started'), host: z.string(), pid: count }),
  z.object({ ...common, ...exit, type: z.literal('rank-exited') }),
  z.object({ ...common, type: z.literal('compile-started'), stage: count }),
  z.object({
    ...common,
    type: z.literal('compile-finished'),
    stage: count,
    ms,
    segments: count,
    operators: count,
    parameters: count,
    deviceBytes: count,
  }),
  z.object({
    ...common,
    type: z.literal('resume-decided'),
    from: z.string().nullable(),
    epoch: count,
    step: count,
    stepScale: z.number().positive(),
    reasons: z.array(reason),
  }),
  z.object({ ...common, type: z.literal('checkpoint-loaded'), path: z.string(), bytes: count, ms }),
  z.object({
    ...common,
    type: z.literal('data-skipped'),
    steps: count,
    samples: count,
    repeated: count,
    leftOut: count,
  }),
  z.object({
    ...common,
    type: z.literal('step'),
    epoch: count,
    stepInEpoch: count,
    step: count,
    samples: count,
    loss: wireNumber,
    lr: wireNumber,
    lossScale: wireNumber,
    overflow: z.boolean(),
    globalNorm: wireNumber,
    stepMs: ms,
    gradientsMs: ms,
    tokensPerSec: wireNumber,
  }),
  z.object({ ...common, type: z.literal('stall'), of: z.enum(['collective', 'save', 'data']), ms }),
  z.object({
    ...common,
    type: z.literal('checkpoint-saving'),
    path: z.string(),
    epoch: count,
    step: count,
    globalStep: count,
  }),
  z.object({
    ...common,
    type: z.literal('checkpoint-saved'),
    path: z.string(),
    network: z.string().nullable(),
    epoch: count,
    step: count,
    bytes: count,
    ms,
  }),
  z.object({ ...common, type: z.literal('strategy-saved'), path: z.string() }),
  z.object({
    ...common,
    type: z.literal('transform-planned'),
    source: z.string(),
    destination: z.string(),
    files: count,
    readBytes: count,
    writeBytes: count,
  }),
  z.object({ ...common, type: z.literal('transform-progress'), writtenBytes: count, writeBytes: count }),
  z.object({
    ...common,
    type: z.literal('transform-finished'),
    destination: z.string(),
    files: count,
    readBytes: count,
    writtenBytes: count,
    ms,
  }),
  z.object({ ...common, type: z.literal('checkpoint-pruned'), path: z.string(), reason: z.string() }),
  z.object({ ...common, type: z.literal('checkpoint-rejected'), path: z.string(), reason: z.string() }),
  z.object({
    ...common,
    ...exit,
    type: z.literal('rank-lost'),
    lastStep: count.nullable(),
    lastWords: z.string(),
  }),
  z.object({
    ...common,
    type: z.literal('warning'),
    code: z.string(),
    message: z.string(),
    place: z.string(),
  }),
  z.object({ ...common, type: z.literal('run-finished'), steps: count, finalLoss: wireNumber.nullable() }),
  z.object({
    ...common,
    type: z.literal('run-failed'),
    code: z.string(),
    exitCode: z.int(),
    message: z.string(),
    failedRank: count.nullable(),
    tensor: z.string().nullable(),
    file: z.string().nullable(),
    byte: count.nullable(),
  }),
]);

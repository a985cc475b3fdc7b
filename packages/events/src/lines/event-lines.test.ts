import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventBody, RunStarted, Step, TrainingEvent } from '../events.ts';
import { eventLines } from './event-lines.ts';
import { float32Text } from './float32-text.ts';

const common = { runId: 'r', seq: 0, atMs: 0 };

const started: RunStarted = {
  ...common,
  type: 'run-started',
  mode: 'train',
  worldSize: 1,
  parentRun: null,
  totalSteps: 50,
  stepsPerEpoch: 10,
  epochs: 5,
  sinkSize: 2,
  printEvery: 1,
  globalBatchSize: 4,
  seqLength: 512,
  configDigest: '',
};

function step(changes: Partial<Step>): Step {
  return {
    ...common,
    type: 'step',
    epoch: 1,
    stepInEpoch: 2,
    step: 2,
    samples: 8,
    loss: 5.541,
    lr: 0.001,
    lossScale: 65536,
    overflow: false,
    globalNorm: Math.fround(1.203049),
    stepMs: 20,
    gradientsMs: 15,
    tokensPerSec: 1,
    ...changes,
  };
}

function said(events: readonly TrainingEvent[]): string[] {
  const lines = eventLines();
  return events.flatMap((event) => lines(event));
}

const bodies = (list: readonly EventBody[]): TrainingEvent[] => list.map((body) => ({ ...common, ...body }));

test('a sink of two steps is one line, as MindFormers 1.3 prints it', () => {
  const steps = [step({ stepInEpoch: 1, step: 1, stepMs: 16 }), step({})];
  const [, first, second] = said([started, ...steps]);
  expect(first).toBe(
    '{ Epoch:[  1/  5], step:[    2/   10], loss: 5.541, per_step_time: 18ms, lr: 0.001, overflow cond: False, loss_scale: 65536.0, global_norm: [1.203049]',
  );
  expect(second).toBe(`   4.0% |██${' '.repeat(48)}| 222.22222 samples/s/p  113778 tokens/s/p  0:00:01 }`);
});

test('unsunk, the mean of the epoch stands beside the loss', () => {
  const steps = [
    step({ stepInEpoch: 5, loss: 4.982 }),
    step({ epoch: 3, stepInEpoch: 6, loss: 4.976, lr: Math.fround(0.0005160258) }),
  ];
  const lines = said([{ ...started, sinkSize: null }, ...steps]);
  expect(lines[3]).toContain(
    '{ Epoch:[  3/  5], step:[    6/   10], loss:[4.976/4.979], per_step_time: 20ms, lr: 0.0005160258, overflow',
  );
});

test('an overflow is said with what is not a number', () => {
  const lines = said([
    { ...started, sinkSize: null },
    step({ stepInEpoch: 1, overflow: true, lr: 0, lossScale: 2 ** 126, globalNorm: NaN }),
  ]);
  expect(lines[1]).toContain('lr: 0.0, overflow cond: True, loss_scale: 8.507059e+37, global_norm: [nan]');
});

test('a loss that is no number is said in Python’s words, and every other number too', () => {
  const [, first] = said([started, step({ stepInEpoch: 1 }), step({ loss: NaN, globalNorm: Infinity })]);
  expect(first).toContain('loss:   nan, per_step_time');
  expect(first).toContain('global_norm: [inf]');
});

test('the mean begins anew with each epoch', () => {
  const steps = [1, 2].map((loss, i) => step({ stepInEpoch: i + 1, loss }));
  const lines = said([{ ...started, sinkSize: null }, ...steps, step({ epoch: 2, stepInEpoch: 1, loss: 9 })]);
  const means = lines.flatMap((line) => /loss:\[(.*?)\]/.exec(line)?.[1] ?? []);
  expect(means).toEqual(['1.000/1.000', '2.000/1.500', '9.000/9.000']);
});

test('before a run has begun, steps have no line', () => {
  expect(said([step({})])).toEqual([]);
});

test('each sink has its lines, of every printEvery sinks one has', () => {
  const positive = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(fc.option(positive), positive, fc.nat(60), (sinkSize, printEvery, count) => {
      const steps = Array.from({ length: count }, (_, i) => step({ stepInEpoch: i + 1 }));
      const [, ...lines] = said([{ ...started, sinkSize, printEvery }, ...steps]);
      expect(lines).toHaveLength(2 * Math.floor(Math.floor(count / (sinkSize ?? 1)) / printEvery));
    }),
  );
});

test('the end of a run is told, good or bad', () => {
  const lost = { rank: 3, lastStep: 7, lastWords: 'killed' };
  const events = bodies([
    { type: 'rank-lost', exitCode: null, signal: 'SIGKILL', lastStep: 7, lastWords: 'killed' },
    { type: 'rank-lost', exitCode: 9, signal: null, lastStep: null, lastWords: '' },
    { type: 'run-finished', steps: 50, finalLoss: 1 },
    {
      type: 'run-failed',
      code: 'c',
      exitCode: 4,
      message: 'a file is damaged',
      failedRank: null,
      tensor: null,
      file: null,
      byte: null,
    },
  ]);
  expect(said(events.map((event, i) => (i === 0 ? { ...event, rank: lost.rank } : event)))).toEqual([
    'rank 3 was lost after step 7 (SIGKILL): killed',
    'rank ? was lost before its first step (exit code 9)',
    '.........Training Over!.............',
    'error: a file is damaged',
  ]);
});

test('fewer lines on request', () => {
  const steps = [1, 2, 3, 4].map((n) => step({ stepInEpoch: n }));
  expect(
    said([{ ...started, sinkSize: null, printEvery: 2 }, ...steps]).filter((line) => line.startsWith('{')),
  ).toHaveLength(2);
});

test("a save and a resume are told in upstream's words", () => {
  const path = 'output/checkpoint/rank_0/x_rank_0-12_2.ckpt';
  const events = bodies([
    {
      type: 'resume-decided',
      from: path,
      epoch: 12,
      step: 24,
      stepScale: 1,
      reasons: [{ rank: 0, file: 'x_rank_0-15_2.ckpt', verdict: 'rejected', why: 'truncated' }],
    },
    { type: 'data-skipped', steps: 24, samples: 96, repeated: 0, leftOut: 0 },
    { type: 'checkpoint-saving', path, epoch: 12, step: 24, globalStep: 23 },
    { type: 'checkpoint-saved', path, network: 'n', epoch: 12, step: 24, bytes: 1, ms: 9 },
  ]);
  expect(said([started, ...events]).slice(1)).toEqual([
    'x_rank_0-15_2.ckpt: truncated',
    `Get resume checkpoint: ${path}`,
    'initial epoch: 12',
    'initial step: 24',
    'step scale: 1.000000',
    'dataset skip 24 steps.',
    '......Saving ckpt......',
    'global_batch_size: 4',
    'epoch_num: 12',
    'step_num: 24',
    'global_step: 23',
    'Finish saving ckpt of epoch 12 step 2 using 0.009 seconds',
    'Finish saving network of epoch 12 step 2 using 0.009 seconds',
  ]);
});

test('of what all ranks do alike, rank 0 stands for all', () => {
  const saving: EventBody = { type: 'checkpoint-saving', path: 'p', epoch: 1, step: 2, globalStep: 2 };
  const ofRank = (rank: number): TrainingEvent => ({ ...common, rank, rankSeq: 0, ...saving });
  expect(said([ofRank(1), ofRank(2)])).toEqual([]);
  expect(said([ofRank(0)])).toHaveLength(4);
  expect(said([{ ...common, rank: 3, type: 'warning', code: 'c', message: 'm', place: '' }])).toEqual(['warning: m']);
});

test('when all ranks are wanted, each line says whose it is, and each rank has its own losses', () => {
  const lines = eventLines({ allRanks: true });
  const ofRank = (rank: number, loss: number): TrainingEvent => ({
    ...step({ stepInEpoch: 1, loss }),
    rank,
    rankSeq: 0,
  });
  expect(lines({ ...started, sinkSize: null })).toHaveLength(1);
  expect(lines(ofRank(0, 1))[0]).toMatch(/^\[0\] \{ Epoch.* loss:\[1\.000\/1\.000\]/);
  expect(lines(ofRank(1, 3))[0]).toMatch(/^\[1\] \{ Epoch.* loss:\[3\.000\/3\.000\]/);
});

test.each([
  [0, '0.0'],
  [1, '1.0'],
  [65536, '65536.0'],
  [Math.fround(0.1), '0.1'],
  [Math.fround(5e-5), '5e-05'],
  [Math.fround(0.00018428316), '0.00018428316'],
  [Math.fround(8.507059e37), '8.507059e+37'],
  [Infinity, 'inf'],
  [-2.5, '-2.5'],
  [16777216, '16777216.0'],
  [Math.fround(1e16), '1e+16'],
  [Math.fround(1e-45), '1e-45'],
  [-Infinity, '-inf'],
  [NaN, 'nan'],
])('%d is printed %s', (value, text) => {
  expect(float32Text(value)).toBe(text);
});

test('a printed number reads back as the same float32, and no shorter one would', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      fc.pre(value !== 0);
      const text = float32Text(value);
      expect(Math.fround(Number(text))).toBe(value);
      const digits = text.replace(/e.*/, '').replace('-', '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '');
      const shorter = Number(value.toExponential(Math.max(0, digits.length - 2)));
      if (digits.length > 1) expect(Math.fround(shorter)).not.toBe(value);
    }),
  );
});

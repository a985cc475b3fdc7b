/** Programs of several ranks, interpreted at the same time in one process, against the program of one rank. */
import { localGroups } from '@cairn/collectives';
import type { Group } from '@cairn/collectives';
import { interpretStep, ProgramMemory } from '@cairn/graph';
import {
  aloneWith,
  CONTEXT_GROUP,
  EVEN_SPLIT,
  gradientSharing,
  isOnStage,
  llamaProgram,
  MODEL_GROUP,
  parametersOf,
  placeOfRank,
  stageOfLayers,
} from '@cairn/model';
import type { LlamaSpec, RankPlace } from '@cairn/model';
import { ALONE, coordinatesOf, rankAt, worldSize } from '@cairn/strategy';
import type { ParallelSpec } from '@cairn/strategy';
import { describe, expect, test } from 'vitest';
import { groupPeers } from '../src/group-peers.ts';
import { distance, fillModel, ownPart, smallLlama, tokenIds, unitsOver } from './small-llama.ts';

interface Trained {
  readonly place: RankPlace;
  readonly losses: readonly number[];
  readonly memory: ProgramMemory;
}

/** Rows of a step over all ranks. */
const ROWS = 4;

async function alone(spec: LlamaSpec): Promise<Trained> {
  const place = aloneWith(spec, ROWS, 1, false);
  const memory = new ProgramMemory(llamaProgram(spec, place));
  fillModel(spec, place, memory);
  return { place, memory, losses: await interpretStep(memory, unitsOver(spec, place, tokenIds(spec, ROWS))) };
}

async function together(spec: LlamaSpec, parallel: ParallelSpec, recompute: boolean): Promise<readonly Trained[]> {
  const rows = 2 / parallel.dataParallel;
  const stageOfLayer = stageOfLayers(spec.layers, parallel.stages, EVEN_SPLIT);
  return Promise.all(
    localGroups(worldSize(parallel)).map(async (world, rank) => {
      const place = placeOfRank(spec, parallel, rank, stageOfLayer, { rows, units: 2, recompute });
      const memory = new ProgramMemory(llamaProgram(spec, place));
      fillModel(spec, place, memory);
      const all = tokenIds(spec, ROWS);
      const { data } = coordinatesOf(parallel, rank);
      const share = all.length / parallel.dataParallel;
      const units = unitsOver(spec, place, all.subarray(data * share, (data + 1) * share), all);
      const losses = await interpretStep(memory, units, peersOf(world, parallel));
      await sumGradients(spec, place, memory, world, parallel);
      return { place, losses, memory };
    }),
  );
}

function peersOf(world: Group, parallel: ParallelSpec) {
  return groupPeers({
    world,
    groups: new Map([
      [MODEL_GROUP, among(world, parallel, 'model')],
      [CONTEXT_GROUP, among(world, parallel, 'context')],
    ]),
    onStage: (stage) => rankAt(parallel, { ...coordinatesOf(parallel, world.rank), stage }),
  });
}

/** The ranks that differ from this one only in one coordinate. */
function among(world: Group, parallel: ParallelSpec, axis: 'data' | 'model' | 'context' | 'stage'): Group {
  const own = coordinatesOf(parallel, world.rank);
  const sizes = {
    data: parallel.dataParallel,
    model: parallel.modelParallel,
    context: parallel.contextParallel,
    stage: parallel.stages,
  };
  const ranks = Array.from({ length: sizes[axis] }, (_, at) => rankAt(parallel, { ...own, [axis]: at }));
  return world.subgroup(axis, ranks);
}

async function sumGradients(
  spec: LlamaSpec,
  place: RankPlace,
  memory: ProgramMemory,
  world: Group,
  parallel: ParallelSpec,
): Promise<void> {
  for (const parameter of parametersOf(spec)) {
    if (!isOnStage(parameter, spec, place)) continue;
    const gradient = memory.floats(`d.${parameter.name}`);
    const sharing = gradientSharing(parameter, spec, place);
    await among(world, parallel, 'data').allReduce(gradient, 'sum');
    if (sharing.model) await among(world, parallel, 'model').allReduce(gradient, 'sum');
    if (sharing.context) await among(world, parallel, 'context').allReduce(gradient, 'sum');
    if (sharing.stages) {
      const own = coordinatesOf(parallel, world.rank);
      const ends = [0, parallel.stages - 1].map((stage) => rankAt(parallel, { ...own, stage }));
      await world.subgroup('embedding', ends).allReduce(gradient, 'sum');
    }
  }
}

/** Compares every rank's gradients with the slices of the lone rank's, and the losses. */
async function compare(changes: Partial<LlamaSpec>, parallel: ParallelSpec, recompute = false): Promise<void> {
  const spec = smallLlama(changes);
  const expected = await alone(spec);
  const ranks = await together(spec, parallel, recompute);
  const whole = expected.losses[0] ?? NaN;
  // Ranks that differ in their weights' share only have the same loss; others have summands.
  const loss = ranks
    .filter((_, rank) => coordinatesOf(parallel, rank).model === 0)
    .flatMap(({ losses }) => losses)
    .reduce((sum, each) => sum + each, 0);
  expect(Math.abs(loss - whole) / whole).toBeLessThan(1e-6);
  for (const { place, memory } of ranks) {
    for (const parameter of parametersOf(spec)) {
      if (!isOnStage(parameter, spec, place)) continue;
      const name = `d.${parameter.name}`;
      const slice = ownPart(parameter, place, expected.memory.floats(name));
      expect(distance(slice, memory.floats(name)), `${name} on stage ${place.stage}`).toBeLessThan(2e-5);
    }
  }
}

const worlds: readonly [string, Partial<ParallelSpec>, Partial<LlamaSpec>?][] = [
  ['dp2', { dataParallel: 2 }],
  ['mp2', { modelParallel: 2 }],
  ['mp4', { modelParallel: 4 }],
  ['mp2, grouped heads and biases', { modelParallel: 2 }, { kvHeads: 2, qkvBias: true, outputBias: true }],
  ['mp2, a vocabulary that does not divide', { modelParallel: 2 }, { vocabulary: 47 }],
  ['mp2, the vocabulary whole', { modelParallel: 2, vocabularyWhole: true }],
  ['mp2, a tied head', { modelParallel: 2 }, { tiedEmbedding: true }],
  ['pp2', { stages: 2 }],
  ['pp2, a tied head', { stages: 2 }, { tiedEmbedding: true }],
  ['mp2 pp2', { modelParallel: 2, stages: 2 }],
  ['dp2 mp2 pp2', { dataParallel: 2, modelParallel: 2, stages: 2 }],
  ['pp4', { stages: 4 }, { layers: 4 }],
  ['mp2, sequence', { modelParallel: 2, sequenceParallel: true }, { qkvBias: true, outputBias: true }],
  ['mp2, sequence, the vocabulary whole', { modelParallel: 2, sequenceParallel: true, vocabularyWhole: true }],
  ['dp2 mp2 pp2, sequence', { dataParallel: 2, modelParallel: 2, stages: 2, sequenceParallel: true }],
  ['mp2 pp2, sequence, a tied head', { modelParallel: 2, stages: 2, sequenceParallel: true }, { tiedEmbedding: true }],
  ['cp2', { contextParallel: 2 }],
  ['cp4', { contextParallel: 4 }, { kvHeads: 2 }],
  ['cp2, the vocabulary whole', { contextParallel: 2 }, { vocabulary: 47 }],
  ['dp2 cp2', { dataParallel: 2, contextParallel: 2 }],
  ['cp2 mp2 pp2, sequence', { contextParallel: 2, modelParallel: 2, stages: 2, sequenceParallel: true }],
];

describe.each(worlds)('%s', (_name, parallel, changes = {}) => {
  test.each([false, true])('gives the losses and gradients of one rank (recompute %j)', async (recompute) => {
    await expect(compare(changes, { ...ALONE, ...parallel }, recompute)).resolves.toBeUndefined();
  });
});

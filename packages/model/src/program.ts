import { GraphBuilder, oneForwardOneBackward, ProgramBuilder } from '@cairn/graph';
import type { Graph, Program, Value } from '@cairn/graph';
import { attentionMask } from './layers/attention.ts';
import { decoderLayer } from './layers/decoder-layer.ts';
import { embedding, seenTokens } from './layers/embedding.ts';
import { headAndLoss, judgedTokens } from './layers/head.ts';
import type { Scope } from './layers/scope.ts';
import { checkSpec, headWidth } from './llama.ts';
import type { LlamaSpec } from './llama.ts';
import { parametersOf } from './parameters.ts';
import { flowTokens, isOnStage, localShape, ownTokens } from './rank-place.ts';
import type { RankPlace } from './rank-place.ts';

/**
 * The program of one rank for one training step of a decoder.
 *
 * Buffers the host fills: tables `cos`, `sin`, `causal`; for each unit `tokens`, `real`, `labels`, `lossWeights` (see
 * `unitInputs`) and `d.loss`, the loss scale. Result: `loss` [1, 1] of each unit on the last stage.
 *
 * Without recomputation a stage is one block, on the last stage forward and backward in one; with it, each layer is
 * a block of its own that keeps only its input.
 *
 * @throws ModelError when the sizes do not fit the arithmetic
 */
export function llamaProgram(spec: LlamaSpec, place: RankPlace): Program {
  checkSpec(spec);
  const { stage, stages, units, recompute } = place;
  const program = new ProgramBuilder({
    keep: recompute ? 'inputs' : 'activations',
    accumulate: units > 1 || (recompute && spec.tiedEmbedding),
    schedule: oneForwardOneBackward(stage, stages, units),
  });
  declareBuffers(program, spec, place);
  if (recompute) addLayerBlocks(program, spec, place);
  else addStageBlock(program, spec, place);
  if (stage < stages - 1) program.send(valueBehind(place, place.layers.length), stage + 1);
  return program.build();
}

function declareBuffers(program: ProgramBuilder, spec: LlamaSpec, place: RankPlace): void {
  const { rows, stage, stages } = place;
  const own = ownTokens(spec, place);
  for (const parameter of parametersOf(spec)) {
    if (isOnStage(parameter, spec, place)) program.parameter(parameter.name, localShape(parameter, place));
  }
  program.table('cos', [1, 1, own, headWidth(spec)]);
  program.table('sin', [1, 1, own, headWidth(spec)]);
  program.table('causal', [1, 1, own, spec.seqLength]);
  program.input('real', [rows, 1, 1, spec.seqLength]);
  if (stage === 0) {
    const tokens = seenTokens({ spec, place });
    program.input('tokens', [tokens], 'int32');
    if (place.embedding.size > 1) program.input('tokensHere', [tokens, 1]);
  } else {
    program.receive(valueBehind(place, 0), [flowTokens(spec, place), spec.hidden], stage - 1);
  }
  if (stage === stages - 1) {
    const tokens = judgedTokens({ spec, place });
    program.input('labels', [tokens, 1], 'int32');
    program.input('lossWeights', [tokens, 1]);
    if (place.head.size > 1) program.input('labelsHere', [tokens, 1]);
  }
}

/** Buffer of the value behind the first `count` layers of a stage. */
function valueBehind({ stage }: RankPlace, count: number): string {
  return `x.${stage}.${count}`;
}

function graphOf(spec: LlamaSpec, place: RankPlace, build: (scope: Scope) => Readonly<Record<string, Value>>): Graph {
  const g = new GraphBuilder();
  return g.build(build({ g, spec, place }));
}

/** The whole stage as one block. */
function addStageBlock(program: ProgramBuilder, spec: LlamaSpec, place: RankPlace): void {
  const { stage, stages, layers } = place;
  const behind = valueBehind(place, layers.length);
  const last = stage === stages - 1;
  const graph = graphOf(spec, place, (scope) => {
    const mask = attentionMask(scope);
    const begin = stage === 0 ? embedding(scope) : valueInput(scope, 0);
    const end = layers.reduce((x, layer) => decoderLayer(scope, layer, x, mask), begin);
    return last ? { loss: headAndLoss(scope, end) } : { [behind]: end };
  });
  if (last) program.lossBlock('stage', graph);
  else program.block('stage', graph);
}

/** Mask, embedding, each layer and the head as blocks. */
function addLayerBlocks(program: ProgramBuilder, spec: LlamaSpec, place: RankPlace): void {
  const { stage, stages, layers, rows } = place;
  const block = (name: string, build: (scope: Scope) => Readonly<Record<string, Value>>): void =>
    program.block(name, graphOf(spec, place, build));
  block('mask', (scope) => ({ mask: attentionMask(scope) }));
  if (stage === 0) block('embedding', (scope) => ({ [valueBehind(place, 0)]: embedding(scope) }));
  layers.forEach((layer, i) =>
    block(`layer.${layer}`, (scope) => {
      const mask = scope.g.input('mask', [rows, 1, ownTokens(spec, place), spec.seqLength]);
      return { [valueBehind(place, i + 1)]: decoderLayer(scope, layer, valueInput(scope, i), mask) };
    }),
  );
  if (stage !== stages - 1) return;
  program.lossBlock(
    'head',
    graphOf(spec, place, (scope) => ({ loss: headAndLoss(scope, valueInput(scope, layers.length)) })),
  );
}

function valueInput({ g, spec, place }: Scope, count: number): Value {
  return g.input(valueBehind(place, count), [flowTokens(spec, place), spec.hidden]);
}

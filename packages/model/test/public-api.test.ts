import { expect, test } from 'vitest';
import * as model from '../src/index.ts';

test('the exports of @cairn/model', () => {
  expect(Object.keys(model).sort()).toEqual([
    'CONTEXT_GROUP',
    'EVEN_SPLIT',
    'FLOAT32',
    'MODEL_GROUP',
    'ModelError',
    'WHOLE',
    'aloneWith',
    'checkCuts',
    'checkSpec',
    'constantTables',
    'ffnWidth',
    'gradientSharing',
    'headWidth',
    'initialValues',
    'isModelError',
    'isOnStage',
    'layersOfStage',
    'llamaProgram',
    'localShape',
    'lossMask',
    'parameterLayout',
    'parametersOf',
    'placeOfRank',
    'stageOfLayers',
    'stagesOfParameter',
    'unitInputs',
    'unitRows',
  ]);
});

import { expect, test } from 'vitest';
import * as optim from '../src/index.ts';

test('the exports of @cairn/optim', () => {
  expect(Object.keys(optim).sort()).toEqual([
    'OptimError',
    'checkLearningRate',
    'clipFactor',
    'decays',
    'gradientSquares',
    'inOptimizerOrder',
    'initialLossScale',
    'isOptimError',
    'learningRate',
    'nextLossScale',
    'roundGradients',
    'stateEntries',
    'stateNames',
    'updateParameter',
  ]);
});

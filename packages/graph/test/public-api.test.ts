import { expect, test } from 'vitest';
import * as graph from '../src/index.ts';
import * as testing from '../src/testing/index.ts';

test('the exports of @cairn/graph', () => {
  expect(Object.keys(graph).sort()).toEqual([
    'GraphBuilder',
    'GraphError',
    'ProgramBuilder',
    'ProgramMemory',
    'cutAtCollectives',
    'forwardAndBackward',
    'instructionsOf',
    'interpret',
    'interpretStep',
    'isGraphError',
    'oneForwardOneBackward',
    'performStep',
    'printGraph',
    'printProgram',
    'toOnnx',
    'unitsUnderWay',
    'withGradients',
  ]);
});

test('the exports of @cairn/graph/testing', () => {
  expect(Object.keys(testing).sort()).toEqual(['anyGraph', 'anyInputs']);
});

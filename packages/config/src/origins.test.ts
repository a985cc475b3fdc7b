import { expect, test } from 'vitest';
import { valid } from '../test/parse.ts';

const at = (line: number, column: number): unknown => ({ file: 'run.yaml', line, column });

test('a path nobody wrote is located at the nearest part above it that was written', async () => {
  const { origins } = await valid(
    'seed: 1\nmodel:\n  model_config:\n    num_heads: 4\ncallbacks:\n  - type: ObsMonitor\n',
  );
  expect(origins.locate(['model', 'model_config', 'num_heads'])).toEqual(at(4, 16));
  expect(origins.locate(['model', 'model_config', 'num_layers'])).toEqual(at(3, 3));
  expect(origins.locate(['model', 'arch', 'type'])).toEqual(at(2, 1));
  expect(origins.locate(['parallel_config', 'pipeline_stage'])).toEqual(at(1, 1));
  expect(origins.locate([])).toEqual(at(1, 1));
});

test('what a default put into a list is located at the list', async () => {
  const { config, origins } = await valid('seed: 1\ncallbacks:\n  - type: ObsMonitor\n');
  expect(config.callbacks.map(({ type }) => type)).toEqual(['MFLossMonitor', 'ObsMonitor']);
  expect(origins.locate(['callbacks', '0', 'type'])).toEqual(at(2, 1));
  expect(origins.of(['callbacks', '0', 'type'])).toMatchObject({ kind: 'default' });
  expect(origins.locate(['callbacks', '1', 'type'])).toEqual(at(3, 11));
});

test('what an alias repeats is located where it is written', async () => {
  const { origins } = await valid('train_dataset: &d\n  repeat: 2\neval_dataset: *d\n');
  expect(origins.locate(['eval_dataset', 'repeat'])).toEqual(at(2, 11));
});

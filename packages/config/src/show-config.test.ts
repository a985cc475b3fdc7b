import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MODEL, valid } from '../test/parse.ts';
import { renderConfig, showConfig } from './show-config.ts';

const golden = readFileSync(new URL('../test/golden/mindformers-run.yaml', import.meta.url), 'utf8');

test('every key is shown with value, origin and meaning', async () => {
  const { keys } = showConfig(await valid('seed: 3\nauto_tune: False\nfoo: 1\n'));
  const shown = (name: string): unknown => keys.find(({ path }) => path.join('.') === name);
  const at = (line: number, column: number): unknown => ({ kind: 'file', place: { file: 'run.yaml', line, column } });
  expect(shown('seed')).toMatchObject({ value: 3, origin: at(1, 7), effect: 'acts' });
  expect(shown('runner_config.sink_size')).toMatchObject({
    value: 2,
    origin: { kind: 'default', why: 'documents 001 and 003 (upstream: 1 or 2)' },
    about: 'Steps in one sink; -1 = a whole epoch.',
  });
  expect(shown('auto_tune')).toMatchObject({ value: false, effect: 'none', about: 'in files of r1.0 to 2.1.0' });
  expect(shown('foo')).toMatchObject({ value: 1, origin: at(3, 6), effect: 'unknown' });
});

test('what is shown reads back as the same configuration', async () => {
  // Sections the mode does not look at are shown too, and then found to be written.
  const expected = ['model-missing', 'sections-unused'];
  const texts = [
    golden,
    MODEL,
    '',
    'optimizer: {type: AdamW, learning_rate: 1e-20}',
    'processor: {tokenizer: {bos_token: "\\n#"}}',
  ];
  for (const text of texts) {
    const before = await valid(text);
    const after = await valid(renderConfig(showConfig(before)));
    expect(after.config).toEqual(before.config);
    expect(after.warnings.map(({ code }) => code).filter((code) => !expected.includes(code))).toEqual([]);
  }
});

test('keys without effect and unknown keys are marked, and kept when read back', async () => {
  const text =
    'context: {max_call_depth: 5}\nfoo: {a: [1, {b: x}]}\ncallbacks: [{type: ObsMonitor, keep_last: False}]\n"on": 1\n';
  const before = await valid(text);
  const rendered = renderConfig(showConfig(before));
  expect(rendered).toContain('max_call_depth: 5  # run.yaml:1:27; no effect here');
  expect(rendered).toContain('foo: {"a": [1, {"b": "x"}]}  # run.yaml:2:1; unknown key');
  expect((await valid(rendered)).config.rest).toEqual(before.config.rest);
});

test('values are written as PyYAML reads them too', async () => {
  const rendered = renderConfig(showConfig(await valid('optimizer: {type: AdamW, eps: 1e-20}\nuse_parallel: on\n')));
  expect(rendered).toContain('use_parallel: True  # run.yaml:2:15');
  expect(rendered).toContain('eps: 1.0e-20  # run.yaml:1:31');
  expect(rendered).toContain('sink_size: 2  # default: documents 001 and 003 (upstream: 1 or 2)');
  expect(rendered).toContain('  - type: "MFLossMonitor"  # default:');
});

test('variables of the environment follow, those without effect too', async () => {
  const result = await valid('', { env: { RANK_ID: '0', ENABLE_CELL_REUSE: '1', HOME: '/' } });
  const { environment } = showConfig(result);
  expect(environment.map(({ name, effect }) => `${name} ${effect}`)).toEqual([
    'RANK_ID acts',
    'ENABLE_CELL_REUSE none',
  ]);
  expect(renderConfig(showConfig(result))).toContain('# environment RANK_ID=0: Rank of this process.');
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ConfigResult } from '../src/index.ts';
import { formatIssue, parseConfig, renderConfig, showConfig } from '../src/index.ts';
import { keysUnder, knownParents } from '../src/table/known-keys.ts';

const names = [...new Set(knownParents().flatMap((parent) => [...keysUnder(parent).keys()]))];
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    'None',
    'True',
    'Flase',
    '1e-5',
    '',
    'CheckpointMonitor',
    'LlamaConfig',
    'train',
    null,
    true,
    0,
    -1,
    1,
    0.5,
  ),
  fc.string(),
  fc.integer(),
  fc.double(),
);
const name = fc.oneof(
  fc.constantFrom(...names),
  fc.constantFrom('type', '__proto__', 'constructor', 'base_config', '<<'),
  fc.string(),
);
const tree = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ maxDepth: 6, withCrossShrink: true }, scalar, tie('map'), fc.array(tie('value'), { maxLength: 4 })),
  map: fc.dictionary(name, tie('value'), { maxKeys: 8 }),
})).map;

/** What every result promises, whatever was read: issues that say something, and a reason or a configuration. */
function keepsPromises(result: ConfigResult): boolean {
  const issues = result.ok ? result.warnings : [...result.errors, ...result.warnings];
  const said = issues.every((issue) => issue.message.length > 10 && !formatIssue(issue).includes('undefined'));
  return said && (result.ok ? renderConfig(showConfig(result)).includes('seed:') : result.errors.length > 0);
}

test('no text makes parseConfig throw', async () => {
  const piece = fc.constantFrom(
    ...'{}[]:,&*!|>-?#%@`"\'\n\t ~'.split(''),
    'a',
    '1',
    '---',
    '<<: ',
    '&a ',
    '*a',
    '\r\n',
    'seed: ',
    '!!str ',
    '\u0000',
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(text, async (text) => {
      expect(keepsPromises(await parseConfig({ name: 'a.yaml', text }))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('no tree of known and unknown keys makes parseConfig throw', async () => {
  await fc.assert(
    fc.asyncProperty(tree, fc.boolean(), async (value, asYaml) => {
      const text = asYaml ? stringify(value, { aliasDuplicateObjects: false }) : JSON.stringify(value);
      expect(keepsPromises(await parseConfig({ name: 'a.yaml', text }))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('no section with values of the wrong kind makes parseConfig throw', async () => {
  const section = fc.constantFrom(
    'model',
    'callbacks',
    'optimizer',
    'lr_schedule',
    'train_dataset',
    'parallel',
    'metric',
    'runner_wrapper',
    'trainer',
  );
  await fc.assert(
    fc.asyncProperty(section, fc.oneof(scalar, tree, fc.array(fc.oneof(scalar, tree))), async (name, value) => {
      expect(keepsPromises(await parseConfig({ name: 'a.yaml', text: JSON.stringify({ [name]: value }) }))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

/** What was found, without places: the same tree has others when it is written otherwise. */
function findings(result: ConfigResult): unknown {
  const issues = result.ok ? result.warnings : [...result.errors, ...result.warnings];
  const found = issues.map(({ severity, code, path }) => [severity, code, path]);
  return { found, config: result.ok ? result.config : null };
}

test('what is read from a tree does not depend on how it is written', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (value) => {
      const json = JSON.stringify(value);
      fc.pre(!json.includes('"<<"') && !json.includes('"__proto__"')); // the one merges when written plainly, the other is refused
      const yaml = stringify(JSON.parse(json), { version: '1.1' });
      const [a, b] = [json, yaml].map((text) => parseConfig({ name: 'a.yaml', text }));
      expect(findings((await b) ?? expect.fail())).toEqual(findings((await a) ?? expect.fail()));
    }),
    { numRuns: 300 },
  );
});

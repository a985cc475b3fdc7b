import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { jsonSchema } from './json-schema.ts';

/** Draft 7 has if/then/else, which zod's reader of schemas does not know: they are left out for this check only. */
function withoutChoices(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutChoices);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([name]) => !['if', 'then', 'else'].includes(name));
  return Object.fromEntries(entries.map(([name, child]) => [name, withoutChoices(child)]));
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly [keyword: string]: unknown;
}
const schema = jsonSchema() as Node;
const at = (...path: string[]): Node | undefined =>
  path.reduce<Node | undefined>((node, name) => node?.properties?.[name], schema);

test('is plain JSON of draft 7', () => {
  expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#');
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
});

test('keys have type, meaning and default', () => {
  expect(at('runner_config', 'epochs')).toMatchObject({ description: 'Passes over the data set.', default: 1 });
  expect(at('runner_config', 'epochs')?.anyOf).toContainEqual(expect.objectContaining({ type: 'integer', minimum: 1 }));
  expect(at('model', 'model_config', 'compute_dtype')?.anyOf).toContainEqual(
    expect.objectContaining({ enum: ['float32', 'float16', 'bfloat16'] }),
  );
  expect(at('optimizer')?.['required']).toEqual(['type']);
});

test('keys without effect come from the table', () => {
  expect(at('auto_tune')).toMatchObject({ description: 'Accepted without effect; in files of r1.0 to 2.1.0.' });
  expect(at('swap_config', 'layer_swap')?.['description']).toContain('known from the documents');
  expect(at('train_dataset', 'transforms')?.items?.properties).toHaveProperty('is_hwc');
});

test('the recorded configuration fits, wrong ones do not', () => {
  // The casts: a schema read from plain JSON has no static type.
  const checker = z.fromJSONSchema(withoutChoices(schema) as Parameters<typeof z.fromJSONSchema>[0]);
  const golden: unknown = parse(readFileSync(new URL('../test/golden/mindformers-run.yaml', import.meta.url), 'utf8'));
  expect(checker.safeParse(golden).error?.issues ?? []).toEqual([]);
  expect(checker.safeParse({ seed: null, parallel: { parallel_mode: 'STAND_ALONE' } }).success).toBe(true);
  expect(checker.safeParse({ seed: 'x' }).success).toBe(false);
  expect(checker.safeParse({ runner_config: { epochs: 0 } }).success).toBe(false);
  expect(checker.safeParse({ optimizer: { eps: 1 } }).success).toBe(false);
});

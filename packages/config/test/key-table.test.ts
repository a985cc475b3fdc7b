import { expect, test } from 'vitest';
import { keysUnder, knownParents } from '../src/table/known-keys.ts';
import { parse } from './parse.ts';

/** One value of each kind the table speaks of. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  b: true,
  i: 1,
  f: 0.5,
  s: 'float32',
  n: null,
  m: {},
  E: [],
  I: [1],
  F: [0.5, 0.5],
  S: ['a'],
  M: [{}],
  L: [[1]],
};

/** A tree that holds `keys` at a path of the table; elements of lists get a type, as in real files. */
function treeAt(parent: string, keys: object): object {
  const parts = parent === '' ? [] : parent.split('/');
  return parts.reduceRight<object>((inner, part) => {
    return part.endsWith('[]') ? { [part.slice(0, -2)]: [{ type: 'Other', ...inner }] } : { [part]: inner };
  }, keys);
}

const known = knownParents().flatMap((parent) =>
  [...keysUnder(parent)].flatMap(([name, { types }]) =>
    types.split('').map((letter) => ({ parent, name, letter, value: SAMPLES[letter] })),
  ),
);

test('no key path of the table is unknown, with a value of any of its types, and none is of a wrong type', async () => {
  expect(known.length).toBeGreaterThan(1910);
  const found: string[] = [];
  for (const { parent, name, value } of known) {
    const { warnings } = await parse(JSON.stringify(treeAt(parent, { [name]: value })));
    const bad = warnings.filter(({ code }) => code === 'unknown-key' || code === 'accepted-type');
    found.push(...bad.map(({ message }) => message));
  }
  expect(found).toEqual([]);
}, 60_000);

/** Keys that need a word or a size where the table only knows that they are text, or that other models use otherwise. */
const PARTICULAR = new Set([
  'load_ckpt_format:s',
  'callbacks[]/checkpoint_format:s',
  'callbacks[]/enc_mode:s',
  'callbacks[]/remove_redundancy:b',
  'context/max_device_memory:s',
  'use_parallel:s',
  'parallel/parallel_mode:s',
  'parallel/auto_pipeline:b',
  'model/model_config/num_heads:I',
  'base_config:s',
  'base_config:S',
]);

test('keys Cairn acts on take every type that upstream has for them', async () => {
  const refused: string[] = [];
  for (const { parent, name, letter, value } of known) {
    const id = `${parent === '' ? '' : `${parent}/`}${name}:${letter}`;
    const type = ['optimizer', 'lr_schedule'].includes(parent) && name !== 'type' ? { type: 'AdamW' } : {};
    const monitor = parent === 'callbacks[]' && name !== 'type' ? { type: 'CheckpointMonitor' } : {};
    const result = await parse(JSON.stringify(treeAt(parent, { ...type, ...monitor, [name]: value })));
    const errors = result.ok ? [] : result.errors.filter(({ code }) => code !== 'missing-key');
    if (errors.length > 0 && !PARTICULAR.has(id)) refused.push(`${id}: ${errors[0]?.message}`);
  }
  expect(refused).toEqual([]);
}, 60_000);

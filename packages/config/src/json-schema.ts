import { z } from 'zod';
import type { KeySpec, LeafSpec, ListSpec, SectionSpec } from './keys/key.ts';
import { RUN_CONFIG_KEY } from './run-config.ts';
import { keysUnder, tablePath } from './table/known-keys.ts';
import type { TablePath } from './table/known-keys.ts';

/** A JSON Schema (draft 7), as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const DRAFT = 'http://json-schema.org/draft-07/schema#';

/**
 * The schema of configuration files for editors: every key Cairn acts on from the schemas it is checked with, every
 * other known key from the table. Unknown keys are allowed, as in {@link parseConfig}.
 */
export function jsonSchema(): JsonSchema {
  return { $schema: DRAFT, title: 'MindFormers configuration, as Cairn reads it', ...schemaOf(RUN_CONFIG_KEY, '') };
}

function schemaOf(spec: KeySpec, table: TablePath): JsonSchema {
  if (spec.kind === 'leaf') return leafSchema(spec);
  if (spec.kind === 'section') return sectionSchema(spec, table);
  if (spec.kind === 'list') return listSchema(spec, table);
  return { anyOf: [leafSchema(spec.leaf), sectionSchema(spec.section, table)], description: spec.about };
}

function leafSchema({ leaf, about, fallback }: LeafSpec): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema((leaf.input ?? leaf.schema)(), { io: 'input', target: 'draft-7' });
  const known = fallback === undefined || fallback === null ? {} : { default: fallback };
  return { ...orNothing(schema), description: about, ...known };
}

/** A key without a value means its default, whatever its type. */
function orNothing(schema: Record<string, unknown>): JsonSchema {
  if (Array.isArray(schema.anyOf)) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] };
  return { anyOf: [schema, { type: 'null' }] };
}

function sectionSchema(spec: SectionSpec, table: TablePath): JsonSchema {
  const own = Object.entries(spec.keys).map(([name, key]) => [name, schemaOf(key, tablePath(table, name))]);
  const required = Object.entries(spec.keys).flatMap(([name, key]) =>
    key.kind === 'leaf' && key.fallback === undefined ? [name] : [],
  );
  return {
    type: table === '' ? 'object' : ['object', 'null'],
    description: spec.about,
    properties: { ...knownProperties(table), ...Object.fromEntries(own) },
    ...(required.length > 0 ? { required } : {}),
  };
}

function listSchema({ about, variants, other, single }: ListSpec, table: TablePath): JsonSchema {
  const element = single ? table : `${table}[]`;
  const otherSchema = schemaOf(other, element);
  const named = Object.entries(variants).map(([type, spec]) => ({
    if: { properties: { type: typeSchema(spec) }, required: ['type'] },
    [keyword('then')]: { ...schemaOf(spec, element), title: type },
  }));
  const items = named.reduceRight<JsonSchema>((otherwise, choice) => ({ ...choice, else: otherwise }), otherSchema);
  const list = { type: ['array', 'null'], description: about, items };
  return single ? { anyOf: [items, list], description: about } : list;
}

/** The schema of the `type` key by which a variant is chosen. */
function typeSchema(spec: KeySpec): JsonSchema {
  const type = spec.kind === 'section' ? spec.keys.type : undefined;
  if (type?.kind !== 'leaf') return {};
  const { $schema: _, ...schema } = z.toJSONSchema((type.leaf.input ?? type.leaf.schema)(), { target: 'draft-7' });
  return schema;
}

function knownProperties(table: TablePath): Record<string, JsonSchema> {
  const entries = [...keysUnder(table)].map(([name, { types, releases }]) => {
    const path = tablePath(table, name);
    const since = releases === '' ? 'known from the documents' : `in files of ${releases}`;
    return [name, { ...knownSchema(types, path), description: `Accepted without effect; ${since}.` }] as const;
  });
  return Object.fromEntries(entries);
}

const JSON_TYPES: Readonly<Record<string, string>> = {
  b: 'boolean',
  i: 'number',
  f: 'number',
  s: 'string',
  n: 'null',
  m: 'object',
};

function knownSchema(types: string, path: TablePath): JsonSchema {
  const isList = /[EIFSML]/.test(types);
  const names = types.split('').map((letter) => JSON_TYPES[letter] ?? 'array');
  // `1e-5` is text for PyYAML, so the table says text where people mean a number
  const all = new Set([...names, 'null', ...(types.includes('s') ? ['number'] : [])]);
  if (/^n*$/.test(types)) return {};
  const inside = types.includes('m') && keysUnder(path).size > 0 ? { properties: knownProperties(path) } : {};
  const items =
    isList && keysUnder(`${path}[]`).size > 0 ? { items: { properties: knownProperties(`${path}[]`) } } : {};
  return { type: [...all], ...inside, ...items };
}

/** A keyword that would make the schema look like a promise, were it written as a property. */
function keyword(name: 'then'): string {
  return name;
}

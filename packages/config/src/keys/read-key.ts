import type { ConfigIssueCode } from '../config-issue.ts';
import { placeOf } from '../config-issue.ts';
import type { ConfigNode, MapNode } from '../config-node.ts';
import { given, nodeOf, valueOf, written } from '../config-node.ts';
import type { ConfigPath, ConfigValue, Origin } from '../config-value.ts';
import { dotted } from '../config-value.ts';
import { tablePath } from '../table/known-keys.ts';
import type { TablePath } from '../table/known-keys.ts';
import { acceptKey } from './accept-key.ts';
import type { EitherSpec, KeySpec, LeafSpec, ListSpec, SectionSpec, Siblings } from './key.ts';
import type { Reading } from './reading.ts';
import { shown, wrongValue } from './wrong-value.ts';

/** Where a key is read: its path, its path in the table of known keys, and who says what its default is. */
interface Position {
  readonly path: ConfigPath;
  readonly table: TablePath;
  readonly why: string;
  /** Values of the same section that are read already. */
  readonly siblings: Siblings;
}

/**
 * Reads a node by its spec: values are respelled, checked against their schema and replaced by their default when
 * absent or wrong; findings go to `reading`, all of them, not only the first.
 *
 * @returns the value, of the type the spec was declared with
 */
export function readKey(spec: KeySpec, node: ConfigNode | undefined, reading: Reading): unknown {
  return read(spec, node, { path: [], table: '', why: '', siblings: {} }, reading);
}

function read(spec: KeySpec, node: ConfigNode | undefined, at: Position, reading: Reading): unknown {
  if (spec.kind === 'leaf') return readLeaf(spec, node, at, reading);
  if (spec.kind === 'section') return readSection(spec, node, at, reading);
  return spec.kind === 'list' ? readList(spec, node, at, reading) : readEither(spec, node, at, reading);
}

function readLeaf(spec: LeafSpec, node: ConfigNode | undefined, at: Position, reading: Reading): unknown {
  const { leaf } = spec;
  const there = leaf.keepsNone ? given(node) : written(node);
  const value = there === undefined ? undefined : checked(spec, there, at, reading);
  const why = spec.why ?? at.why;
  const result = value === undefined ? defaultOf(spec, at) : value;
  if (result === undefined && there === undefined) {
    const message = `${dotted(at.path)} is missing: ${spec.about} Write for example ${at.path.at(-1)}: ${leaf.example}`;
    report(reading, 'missing-key', at.path, message, reading.parentOrigin);
  }
  const origin: Origin = value === undefined || there === undefined ? { kind: 'default', why } : there.origin;
  // A checked value is plain data; a default is what the spec's author wrote as plain data.
  reading.acted.push({ path: at.path, about: spec.about, value: (result ?? null) as ConfigValue, origin });
  return result ?? null;
}

function defaultOf(spec: LeafSpec, at: Position): unknown {
  return spec.derived === null ? spec.fallback : spec.derived.from(at.siblings);
}

/** The value if the schema takes it, as written or respelled; undefined (and an error) otherwise. */
function checked(spec: LeafSpec, node: ConfigNode, at: Position, reading: Reading): unknown {
  const { leaf } = spec;
  const found = valueOf(node);
  const respelled = leaf.respell?.(found) ?? null;
  if (respelled !== null && respelled.note !== null) {
    const message = `${dotted(at.path)}: ${respelled.note}`;
    const code = respelled.code ?? 'spelling';
    reading.issues.push({ severity: 'warning', code, path: at.path, message, place: placeOf(node.origin) });
  }
  const parsed = leaf.schema().safeParse(respelled === null ? found : respelled.value);
  if (parsed.success) return parsed.data;
  report(reading, 'wrong-value', at.path, wrongValue(at.path, leaf, found), node.origin);
  return undefined;
}

function readSection(spec: SectionSpec, node: ConfigNode | undefined, at: Position, reading: Reading): unknown {
  const there = given(node);
  if (there === undefined) return readAbsent(spec, at, reading);
  const refusal = spec.refuses?.(there) ?? null;
  if (refusal !== null) {
    const place = placeOf(there.origin);
    reading.issues.push({ severity: 'warning', code: refusal.code, path: at.path, message: refusal.message, place });
    if (there.kind === 'map') acceptAll(there, [], at, reading);
    return null;
  }
  if (there.kind === 'map') return readEntries(spec, there, at, reading);
  const message = `${dotted(at.path)} must be a mapping of keys; found ${shown(valueOf(there))}. ${spec.about}`;
  report(reading, 'wrong-value', at.path, message, there.origin);
  return readAbsent(spec, at, reading);
}

/** A section nobody wrote: null, or what it reads as then. */
function readAbsent(spec: SectionSpec, at: Position, reading: Reading): unknown {
  if (spec.whenAbsent === null) return null;
  const map = nodeOf(spec.whenAbsent, { kind: 'default', why: at.why });
  return map?.kind === 'map' ? readEntries(spec, map, at, reading) : null;
}

function readEntries(spec: SectionSpec, map: MapNode, above: Position, reading: Reading): Record<string, unknown> {
  const at: Position = { ...above, why: spec.why ?? above.why };
  const values: Record<string, unknown> = {};
  const outer = reading.parentOrigin;
  reading.parentOrigin = map.origin;
  const readName = (name: string, key: KeySpec): void => {
    const path = [...at.path, name];
    const table = tablePath(at.table, name);
    values[name] = read(key, map.entries.get(name), { path, table, why: at.why, siblings: values }, reading);
  };
  // Keys whose default follows another key come after it, and take their place in the order of the spec again below.
  const names = Object.entries(spec.keys);
  const follows = (key: KeySpec): boolean => key.kind === 'leaf' && key.derived !== null;
  for (const [name, key] of names) if (!follows(key)) readName(name, key);
  for (const [name, key] of names) if (follows(key)) readName(name, key);
  reading.parentOrigin = outer;
  const result = Object.fromEntries(names.map(([name]) => [name, values[name]]));
  const foreign = acceptAll(map, [...Object.keys(spec.keys), ...spec.copies], at, reading, spec.open);
  return spec.open ? { ...result, ...foreign } : result;
}

/** Accepts the entries no key reads; returns them, and keeps them in `rest` unless the section holds them itself. */
function acceptAll(
  map: MapNode,
  own: readonly string[],
  at: Position,
  reading: Reading,
  open = false,
): Record<string, ConfigValue> {
  const foreign: Record<string, ConfigValue> = {};
  for (const [name, node] of map.entries) {
    if (own.includes(name)) continue;
    const key = map.keys.get(name) ?? node.origin;
    acceptKey({ name, node, key, parent: at.path, table: at.table, siblings: own }, reading);
    foreign[name] = valueOf(node);
    if (!open) reading.keep([...at.path, name], foreign[name]);
  }
  return foreign;
}

function readList(spec: ListSpec, node: ConfigNode | undefined, at: Position, reading: Reading): unknown {
  const there = given(node);
  if (there === undefined) return [];
  if (there.kind !== 'list') {
    const message = `${dotted(at.path)} must be a list; found ${shown(valueOf(there))}. Begin each entry with "- type: ..."`;
    report(reading, 'wrong-value', at.path, message, there.origin);
    return [];
  }
  const table = spec.single ? at.table : `${at.table}[]`;
  return there.items.map((item, index) => {
    const path = [...at.path, String(index)];
    const type = item.kind === 'map' ? item.entries.get('type') : undefined;
    const name = type?.kind === 'scalar' ? String(type.value) : '';
    const variant = Object.hasOwn(spec.variants, name) ? spec.variants[name] : undefined;
    if (item.kind === 'map') return read(variant ?? spec.other, item, { ...at, path, table }, reading);
    const message = `${dotted(path)} must be a mapping with a type; found ${shown(valueOf(item))}. Write "- type: ..."`;
    report(reading, 'wrong-value', path, message, item.origin);
    return { type: '' }; // keeps the positions of the others, for the rules that are checked next
  });
}

function readEither(spec: EitherSpec, node: ConfigNode | undefined, at: Position, reading: Reading): unknown {
  return node?.kind === 'map' ? readSection(spec.section, node, at, reading) : readLeaf(spec.leaf, node, at, reading);
}

function report(reading: Reading, code: ConfigIssueCode, path: ConfigPath, message: string, origin: Origin): void {
  reading.issues.push({ severity: 'error', code, path, message, place: placeOf(origin) });
}

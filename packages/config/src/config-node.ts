import type { ConfigPath, ConfigScalar, ConfigValue, Origin } from './config-value.ts';
import { MAX_DEPTH } from './limits.ts';

/** A tree that knows where each value came from. Immutable; changes make a new spine and share the rest. */
export type ConfigNode = ScalarNode | ListNode | MapNode;

/** A single value. */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: ConfigScalar;
  /** True for YAML text in quotes or in a block, which is always text. */
  readonly quoted: boolean;
  readonly origin: Origin;
}

/** A sequence. */
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
  readonly origin: Origin;
}

/** A mapping; `keys` says where each key itself stands. */
export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, ConfigNode>;
  readonly keys: ReadonlyMap<string, Origin>;
  readonly origin: Origin;
}

/** Names that would change an object's prototype when assigned: never keys of a configuration. */
export function isForbiddenName(name: string): boolean {
  return name === '__proto__';
}

/** A list part of a path that names an element by its type: `[CheckpointMonitor]`. */
const BY_TYPE = /^\[(\w+)\]$/;

/** A node of plain data, all of one origin; null when it is nested deeper than `MAX_DEPTH`. */
export function nodeOf(value: ConfigValue, origin: Origin, depth = 0): ConfigNode | null {
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) {
    const items = value.map((item: ConfigValue) => nodeOf(item, origin, depth + 1));
    return items.includes(null) ? null : { kind: 'list', items: items as ConfigNode[], origin };
  }
  if (typeof value !== 'object' || value === null) {
    return { kind: 'scalar', value, quoted: false, origin };
  }
  const entries = new Map<string, ConfigNode>();
  for (const [name, child] of Object.entries(value)) {
    const node = nodeOf(child, origin, depth + 1);
    if (node === null) return null;
    if (!isForbiddenName(name)) entries.set(name, node);
  }
  return mapNode(entries, origin);
}

/** A mapping whose keys all have the mapping's own origin. */
export function mapNode(entries: ReadonlyMap<string, ConfigNode>, origin: Origin): MapNode {
  return { kind: 'map', entries, keys: new Map([...entries.keys()].map((name) => [name, origin])), origin };
}

/** The plain data of a node. */
export function valueOf(node: ConfigNode): ConfigValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(valueOf);
  return Object.fromEntries([...node.entries].map(([name, child]) => [name, valueOf(child)]));
}

/** The node, unless nothing is written there: YAML's null counts as absent. */
export function given(node: ConfigNode | undefined): ConfigNode | undefined {
  return node?.kind === 'scalar' && node.value === null ? undefined : node;
}

/** The node, unless nothing is set there: null, or Python's None, which YAML has as a word. */
export function written(node: ConfigNode | undefined): ConfigNode | undefined {
  return node?.kind === 'scalar' && node.value === 'None' ? undefined : given(node);
}

/** The child of a node under one part of a path. */
export function childOf(node: ConfigNode, part: string): ConfigNode | undefined {
  if (node.kind === 'map') return node.entries.get(part);
  if (node.kind === 'scalar') return undefined;
  const type = BY_TYPE.exec(part)?.[1];
  return type === undefined ? node.items[Number(part)] : node.items[indexOfType(node, type)];
}

/** The node at a path, or undefined. */
export function nodeAt(root: ConfigNode, path: ConfigPath): ConfigNode | undefined {
  return path.reduce<ConfigNode | undefined>((node, part) => node && childOf(node, part), root);
}

/** A copy of a mapping with one entry set. A new key stands where its value does. */
export function withEntry(map: MapNode, name: string, node: ConfigNode): MapNode {
  const keys = map.keys.has(name) ? map.keys : new Map([...map.keys, [name, node.origin]]);
  return { ...map, entries: new Map([...map.entries, [name, node]]), keys };
}

/** A copy of a mapping without one entry. */
export function withoutEntry(map: MapNode, name: string): MapNode {
  const entries = new Map(map.entries);
  const keys = new Map(map.keys);
  entries.delete(name);
  keys.delete(name);
  return { ...map, entries, keys };
}

/**
 * A copy of a tree with `node` at `path`; null takes the place away. Missing mappings in between are made;
 * a list element is named by `[Type]`, and appended when there is none.
 *
 * @returns the new root, or the part of the path at which a value of another kind is in the way
 */
export function withNode(
  root: ConfigNode,
  path: ConfigPath,
  node: ConfigNode | null,
): ConfigNode | { blocked: string } {
  const [part, ...rest] = path;
  if (part === undefined) return node ?? root;
  const type = BY_TYPE.exec(part)?.[1];
  if (type !== undefined) return withElement(root, type, rest, node);
  const map = given(root) ?? mapNode(new Map(), root.origin);
  if (map.kind !== 'map' || isForbiddenName(part)) return { blocked: part };
  if (rest.length === 0) return node === null ? withoutEntry(map, part) : withEntry(map, part, node);
  const origin = node?.origin ?? map.origin;
  const child = withNode(map.entries.get(part) ?? emptyFor(rest[0] ?? '', origin), rest, node);
  return 'blocked' in child ? child : withEntry(map, part, child);
}

function withElement(
  root: ConfigNode,
  type: string,
  rest: ConfigPath,
  node: ConfigNode | null,
): ConfigNode | { blocked: string } {
  const items = root.kind === 'list' ? root.items : root.kind === 'map' ? [root] : [];
  const list: ListNode = { kind: 'list', items, origin: root.origin };
  const index = indexOfType(list, type);
  if (node === null && rest.length === 0) return { ...list, items: items.filter((_, i) => i !== index) };
  const origin = node?.origin ?? root.origin;
  const fresh = mapNode(new Map([['type', { kind: 'scalar', value: type, quoted: false, origin } as const]]), origin);
  const child = withNode(items[index] ?? fresh, rest, node);
  if ('blocked' in child) return child;
  return { ...list, items: index < 0 ? [...items, child] : items.with(index, child) };
}

function emptyFor(part: string, origin: Origin): ConfigNode {
  return BY_TYPE.test(part) ? { kind: 'list', items: [], origin } : mapNode(new Map(), origin);
}

function indexOfType(list: ListNode, type: string): number {
  return list.items.findIndex((item) => {
    const found = item.kind === 'map' ? item.entries.get('type') : undefined;
    return found?.kind === 'scalar' && found.value === type;
  });
}

/** `child` laid over `base`: mappings are merged in depth, everything else is replaced (base_config, behaviour §4.1). */
export function mergeNodes(base: ConfigNode, child: ConfigNode): ConfigNode {
  if (base.kind !== 'map' || child.kind !== 'map') return child;
  const entries = new Map(base.entries);
  for (const [name, node] of child.entries) {
    const under = base.entries.get(name);
    entries.set(name, under === undefined ? node : mergeNodes(under, node));
  }
  return { kind: 'map', entries, keys: new Map([...base.keys, ...child.keys]), origin: child.origin };
}

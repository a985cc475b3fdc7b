import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { ConfigIssue, ConfigIssueCode } from '../config-issue.ts';
import { formatPlace } from '../config-issue.ts';
import type { ConfigNode, MapNode, ScalarNode } from '../config-node.ts';
import { isForbiddenName } from '../config-node.ts';
import type { ConfigScalar, FilePlace, Origin } from '../config-value.ts';
import { MAX_DEPTH, MAX_MAPPING_DEPTH, MAX_NODES } from '../limits.ts';
import { readPlainScalar } from './plain-scalar.ts';

/** One YAML file as a located tree; `root` is null when it cannot be used (then `issues` holds an error) or is empty. */
export interface YamlReading {
  readonly root: MapNode | null;
  readonly issues: readonly ConfigIssue[];
}

/** A converted value with what it costs to repeat it: values in it, and how deep mappings and all containers go. */
interface Converted {
  readonly node: ConfigNode;
  readonly nodes: number;
  readonly mappings: number;
  readonly depth: number;
}

/** Turns a parsed document into a located tree, following aliases by reference and counting what they expand to. */
export function convertDocument(document: Document, at: (offset: number) => FilePlace): YamlReading {
  const converter = new Converter(at);
  const top = at(0);
  const contents = document.contents;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    const message = 'there is nothing in this file; every key keeps its default';
    return { root: null, issues: [{ severity: 'warning', code: 'empty', path: [], message, place: top }] };
  }
  const { node } = converter.convert(contents, { kind: 'file', place: top });
  if (node.kind !== 'map') {
    converter.error(
      'not-a-map',
      `a configuration is a mapping of keys to values; this is a ${node.kind === 'list' ? 'list' : 'single value'}`,
      top,
    );
  }
  const broken = converter.issues.some((issue) => issue.severity === 'error');
  return { root: broken || node.kind !== 'map' ? null : node, issues: converter.issues };
}

class Converter {
  readonly issues: ConfigIssue[] = [];
  readonly #at: (offset: number) => FilePlace;
  /** Anchors met so far; 'open' while their value is still being read. */
  readonly #anchors = new Map<string, Converted | 'open'>();
  /** Values so far, and how many mappings and containers are open around the current one. */
  #nodes = 0;
  #mappings = 0;
  #depth = 0;
  #stopped = false;

  constructor(at: (offset: number) => FilePlace) {
    this.#at = at;
  }

  error(code: ConfigIssueCode, message: string, place: FilePlace): void {
    this.issues.push({ severity: 'error', code, path: [], message, place });
  }

  /** @param origin where the value stands for messages: at its key for mappings and lists */
  convert(node: Node | null, origin: Origin): Converted {
    if (this.#stopped || node === null) return leaf(null, origin);
    const place = node.range ? this.#at(node.range[0]) : undefined;
    if (isAlias(node)) return this.#alias(node, place);
    const { anchor } = node;
    if (anchor !== undefined) this.#anchors.set(anchor, 'open');
    const converted = this.#value(node, origin, place);
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #value(node: Exclude<Node, Alias>, origin: Origin, place: FilePlace | undefined): Converted {
    const [mappings, depth] = [isMap(node) ? 1 : 0, isMap(node) || isSeq(node) ? 1 : 0];
    if (!this.#fits({ nodes: 1, mappings, depth }, place)) return leaf(null, origin);
    this.#mappings += mappings;
    this.#depth += depth;
    const converted = isMap(node)
      ? this.#map(node, origin)
      : isSeq(node)
        ? this.#list(node, origin)
        : scalarOf(node, origin, place);
    this.#mappings -= mappings;
    this.#depth -= depth;
    return converted;
  }

  #map(map: YAMLMap, origin: Origin): Converted {
    const entries = new Map<string, ConfigNode>();
    const keys = new Map<string, Origin>();
    const parts: Converted[] = [];
    const merged: ConfigNode[] = []; // what << brings in
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = this.#key(pair.key);
      if (key === null) continue;
      const value = this.convert(pair.value, key.origin);
      parts.push(value);
      if (key.merges) {
        merged.push(...(value.node.kind === 'list' ? value.node.items : [value.node]));
        continue;
      }
      this.#warnDuplicate(key.name, keys.get(key.name), key.origin);
      entries.set(key.name, value.node);
      keys.set(key.name, key.origin);
    }
    const own: MapNode = { kind: 'map', entries, keys, origin };
    const node = merged.reduce<MapNode>((over, base) => (base.kind === 'map' ? under(over, base) : over), own);
    return collected(node, parts, 1);
  }

  #list(list: YAMLSeq, origin: Origin): Converted {
    const parts = (list.items as (Node | null)[]).map((item) => this.convert(item, this.#originOf(item, origin)));
    return collected({ kind: 'list', items: parts.map((part) => part.node), origin }, parts, 0);
  }

  #alias(alias: Alias, place: FilePlace | undefined): Converted {
    const here = place ?? this.#at(0);
    const found = this.#anchors.get(alias.source);
    if (found !== undefined && found !== 'open') {
      return this.#fits(found, here) ? found : leaf(null, found.node.origin);
    }
    const why = found === 'open' ? 'stands inside what it repeats' : `has no anchor &${alias.source} before it`;
    this.error('yaml-alias', `the alias *${alias.source} ${why}`, here);
    return leaf(null, { kind: 'file', place: here });
  }

  /** Counts a value in; stops the walk at the first one that makes the whole too large or too deep. */
  #fits(size: Omit<Converted, 'node'>, place: FilePlace | undefined): boolean {
    this.#nodes += size.nodes;
    const problem = tooMuch(this.#nodes, this.#mappings + size.mappings, this.#depth + size.depth);
    if (problem === null) return true;
    this.#stopped = true;
    this.error(problem.code, problem.message, place ?? this.#at(0));
    return false;
  }

  #key(key: Node | null): { name: string; merges: boolean; origin: Origin } | null {
    const place = this.#at(key?.range?.[0] ?? 0);
    const origin: Origin = { kind: 'file', place };
    const target = isAlias(key) ? this.convert(key, origin).node : null;
    const name = target?.kind === 'scalar' ? String(target.value) : isScalar(key) ? keyText(key) : null;
    const merges = isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
    if (name !== null && !isForbiddenName(name)) return { name, merges, origin };
    this.error('yaml-key', 'the name of a key must be a plain text', place);
    return null;
  }

  #originOf(node: Node | null, otherwise: Origin): Origin {
    return node?.range ? { kind: 'file', place: this.#at(node.range[0]) } : otherwise;
  }

  #warnDuplicate(name: string, first: Origin | undefined, second: Origin): void {
    if (first?.kind !== 'file' || second.kind !== 'file') return;
    const message = `${name} is written twice, first at ${formatPlace(first.place)}; the last one counts, take the other out`;
    this.issues.push({ severity: 'warning', code: 'duplicate-key', path: [name], message, place: second.place });
  }
}

function scalarOf(scalar: Scalar, origin: Origin, place: FilePlace | undefined): Converted {
  const empty = scalar.range?.[0] === scalar.range?.[1];
  const quoted = scalar.type !== 'PLAIN' && scalar.type !== undefined;
  return leaf(scalarValue(scalar, quoted), empty || place === undefined ? origin : { kind: 'file', place }, quoted);
}

function leaf(value: ConfigScalar, origin: Origin, quoted = false): Converted {
  const node: ScalarNode = { kind: 'scalar', value, quoted, origin };
  return { node, nodes: 1, mappings: 0, depth: 0 };
}

function collected(node: ConfigNode, parts: readonly Converted[], mappings: 0 | 1): Converted {
  const most = (read: (part: Converted) => number): number => parts.reduce((max, part) => Math.max(max, read(part)), 0);
  return {
    node,
    nodes: parts.reduce((sum, part) => sum + part.nodes, 1),
    mappings: mappings + most((part) => part.mappings),
    depth: 1 + most((part) => part.depth),
  };
}

function tooMuch(nodes: number, mappings: number, depth: number): { code: ConfigIssueCode; message: string } | null {
  if (nodes > MAX_NODES) {
    const message = `more than ${MAX_NODES} values once aliases are followed; no configuration is that large`;
    return { code: 'yaml-size', message };
  }
  if (mappings > MAX_MAPPING_DEPTH) {
    const message = `mappings are nested more than ${MAX_MAPPING_DEPTH} deep (MindFormers' limit)`;
    return { code: 'yaml-depth', message };
  }
  if (depth <= MAX_DEPTH) return null;
  return { code: 'yaml-depth', message: `lists and mappings are nested more than ${MAX_DEPTH} deep` };
}

/** Plain text is read as PyYAML reads it; quoted text is text; an explicit core tag is what the parser made of it. */
function scalarValue(scalar: Scalar, quoted: boolean): ConfigScalar {
  if (!quoted && scalar.tag === undefined) return readPlainScalar(scalar.source ?? '');
  const { value } = scalar;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  return typeof value === 'string' ? value : (scalar.source ?? '');
}

function keyText(key: Scalar): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** YAML's merge key `<<`: the mapping's own entries win. */
function under(over: MapNode, base: MapNode): MapNode {
  return {
    ...over,
    entries: new Map([...base.entries, ...over.entries]),
    keys: new Map([...base.keys, ...over.keys]),
  };
}

import { placeOf } from '../config-issue.ts';
import type { ConfigNode } from '../config-node.ts';
import { valueOf } from '../config-node.ts';
import type { ConfigPath, Origin } from '../config-value.ts';
import { dotted } from '../config-value.ts';
import { MAX_SUGGESTIONS } from '../limits.ts';
import { fitsTypes, keysUnder, knownKey, tablePath, typeWords } from '../table/known-keys.ts';
import type { TablePath } from '../table/known-keys.ts';
import { nearestName } from './nearest-name.ts';
import type { Reading } from './reading.ts';
import { shown } from './wrong-value.ts';

/** A key that no hand-written schema reads, and where it was met. */
interface ForeignKey {
  readonly name: string;
  readonly node: ConfigNode;
  /** Where the key itself stands. */
  readonly key: Origin;
  readonly parent: ConfigPath;
  readonly table: TablePath;
  /** Names of the keys Cairn acts on beside it. */
  readonly siblings: readonly string[];
}

/** Takes a key Cairn does not act on: listed when upstream knows it, warned about otherwise, kept by the caller. */
export function acceptKey(foreign: ForeignKey, reading: Reading): void {
  const { name, node } = foreign;
  const path = [...foreign.parent, name];
  const known = knownKey(foreign.table, name);
  if (known === null) return warnUnknown(foreign, reading);
  const value = valueOf(node);
  const table = tablePath(foreign.table, name);
  if (!fitsTypes(known.types, value)) {
    const message = `${dotted(path)} has no effect here, but upstream wants ${typeWords(known.types)}; found ${shown(value)}`;
    reading.issues.push({ severity: 'warning', code: 'accepted-type', path, message, place: placeOf(node.origin) });
  }
  if (!acceptContents(node, path, table, reading)) {
    reading.accepted.push({ path, value, origin: node.origin, releases: known.releases });
  }
}

/** Goes into a mapping, or a list of mappings, about whose contents something is known. */
function acceptContents(node: ConfigNode, path: ConfigPath, table: TablePath, reading: Reading): boolean {
  if (node.kind === 'list') {
    const inner = `${table}[]`;
    if (keysUnder(inner).size === 0) return false;
    for (const [index, item] of node.items.entries()) acceptContents(item, [...path, String(index)], inner, reading);
    return true;
  }
  if (node.kind !== 'map' || keysUnder(table).size === 0) return false;
  for (const [name, child] of node.entries) {
    const key = node.keys.get(name) ?? child.origin;
    acceptKey({ name, node: child, key, parent: path, table, siblings: [] }, reading);
  }
  return true;
}

function warnUnknown(foreign: ForeignKey, reading: Reading): void {
  const path = [...foreign.parent, foreign.name];
  reading.unknownKeys += 1;
  const hint = reading.unknownKeys <= MAX_SUGGESTIONS ? suggestion(foreign, reading) : '';
  const message = `${dotted(path)} is not a key of any MindFormers release; it is kept and has no effect${hint}`;
  reading.issues.push({ severity: 'warning', code: 'unknown-key', path, message, place: placeOf(foreign.key) });
}

function suggestion({ name, siblings, table }: ForeignKey, reading: Reading): string {
  const nearest = nearestName(name, [...siblings, ...keysUnder(table).keys()]);
  if (nearest !== null) return `. Did you mean ${nearest}?`;
  const [elsewhere, another] = reading.pathsOf(name);
  return elsewhere === undefined || another !== undefined ? '' : `. Did you mean ${dotted(elsewhere)}?`;
}

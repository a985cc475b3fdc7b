import type { ConfigIssue } from './config-issue.ts';
import type { MapNode } from './config-node.ts';
import { childOf, given, nodeAt, nodeOf, withNode } from './config-node.ts';
import type { ConfigPath, ConfigValue } from './config-value.ts';
import { dotted } from './config-value.ts';

/** One value that replaces the file's. Later ones win over earlier ones. */
export interface Override {
  /** Where; `[Type]` names the element of a list that has this type, and adds it when there is none. */
  readonly path: ConfigPath;
  /** What; null takes the key (or the list element) away, so that its default counts. */
  readonly value: ConfigValue;
  /** The flag or argument as it was written, for messages. */
  readonly flag: string;
  /** Mappings on the way that are not there: made, an error, or a reason to leave this one out. */
  readonly parents: 'create' | 'must-exist' | 'skip-if-absent';
}

/** A tree after overrides, and what was wrong with them. */
interface OverrideResult {
  readonly root: MapNode;
  readonly issues: readonly ConfigIssue[];
}

/**
 * Applies overrides in their order (behaviour §4.4).
 *
 * @param hasSection whether a path is a section Cairn knows, so that it exists without being written
 */
export function applyOverrides(
  root: MapNode,
  overrides: readonly Override[],
  hasSection: (path: ConfigPath) => boolean,
): OverrideResult {
  const issues: ConfigIssue[] = [];
  let tree = root;
  for (const override of overrides) {
    const problem = (message: string): void => {
      const place = { flag: override.flag };
      issues.push({ severity: 'error', code: 'override-path', path: override.path, message, place });
    };
    const parent = override.path.slice(0, -1);
    const present = parent.length === 0 || given(nodeAt(tree, parent)) !== undefined;
    if (!present && override.parents === 'skip-if-absent') continue;
    if (!present && override.parents === 'must-exist' && !hasSection(parent)) {
      problem(`there is no ${dotted(parent)} in the configuration, so ${dotted(override.path)} cannot be set`);
      continue;
    }
    const changed = overridden(tree, override);
    if (typeof changed === 'string') problem(changed);
    else tree = changed;
  }
  return { root: tree, issues };
}

function overridden(tree: MapNode, { path, value, flag }: Override): MapNode | string {
  if (value === null && nodeAt(tree, path) === undefined) return tree;
  const origin = { kind: 'flag', flag } as const;
  const node = nodeOf(value, origin);
  if (node === null) return 'the value is nested too deeply';
  // Every step of the way below must be a mapping (or a list by type); a list in between cannot be named by a flag.
  const changed = withNode(tree, path, value === null ? null : node);
  if ('blocked' in changed) {
    const inTheWay = path.slice(0, path.indexOf(changed.blocked));
    const what = describe(tree, inTheWay);
    return `${dotted(path)} cannot be set, ${dotted(inTheWay) || 'the configuration'} is ${what}`;
  }
  return changed.kind === 'map' ? changed : tree;
}

function describe(tree: MapNode, path: ConfigPath): string {
  const node = path.reduce<ReturnType<typeof childOf>>((at, part) => at && childOf(at, part), tree);
  if (node?.kind !== 'list') return 'a single value';
  return `a list: name its element by type, as in --${dotted(path)}.[TYPE].KEY`;
}

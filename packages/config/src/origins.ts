import type { IssuePlace } from './config-issue.ts';
import { placeOf } from './config-issue.ts';
import type { ConfigNode, MapNode } from './config-node.ts';
import { childOf, given, nodeAt } from './config-node.ts';
import type { ConfigPath, Origin } from './config-value.ts';
import { dotted } from './config-value.ts';
import type { RunEnvironment } from './environment.ts';
import { ENVIRONMENT_VARIABLES } from './environment.ts';
import type { ActedKey } from './keys/reading.ts';

/** Where every value of a configuration came from: the source map. Paths are those of {@link RunConfig}. */
export interface Origins {
  /** Who gave the value at a path; a default names its rule. */
  of(path: ConfigPath): Origin;
  /** Where to point for a path: its own place, or that of the nearest part above it that was written. */
  locate(path: ConfigPath): IssuePlace;
}

/**
 * @param root  the tree the configuration was read from
 * @param acted the keys that were read, for the rules behind defaults
 */
export function originsOf(root: MapNode, acted: readonly ActedKey[], environment: RunEnvironment): Origins {
  const read = new Map(acted.map((key) => [dotted(key.path), key.origin]));
  return {
    of(path) {
      if (path[0] === 'environment') return variableOrigin(path[1] ?? '', environment);
      return given(nodeAt(root, path))?.origin ?? read.get(dotted(path)) ?? { kind: 'default', why: 'not set' };
    },
    locate(path) {
      const origins = [root.origin];
      let node: ConfigNode | undefined = root;
      for (const part of path) {
        const key: Origin | undefined = node.kind === 'map' ? node.keys.get(part) : undefined;
        node = childOf(node, part);
        if (node === undefined) break;
        // A mapping or list is pointed at by its key, a value by itself.
        origins.push(node.kind === 'scalar' ? node.origin : (key ?? node.origin));
      }
      const written = origins.reverse().find((origin) => origin.kind !== 'default') ?? root.origin;
      return placeOf(written);
    },
  };
}

/** The variable behind a field of {@link RunEnvironment}. */
function variableOrigin(field: string, environment: RunEnvironment): Origin {
  const variable = ENVIRONMENT_VARIABLES.find((known) => known.field === field);
  const value = variable && environment[variable.field];
  const set = value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
  return variable && set ? { kind: 'environment', name: variable.name } : { kind: 'default', why: 'not set' };
}

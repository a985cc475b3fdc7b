import type { ConfigIssue } from '../config-issue.ts';
import type { ConfigMap, ConfigPath, ConfigValue, Origin } from '../config-value.ts';

/** A key Cairn acts on, with the value it has after all. */
export interface ActedKey {
  readonly path: ConfigPath;
  readonly about: string;
  readonly value: ConfigValue;
  readonly origin: Origin;
}

/** A key of the file that Cairn knows, keeps, and does nothing with. */
export interface AcceptedKey {
  readonly path: ConfigPath;
  readonly value: ConfigValue;
  readonly origin: Origin;
  /** Releases whose files have it, e.g. `r1.0 to r1.5.0`; empty when only documents do. */
  readonly releases: string;
}

/** What reading one configuration finds besides its values. */
export class Reading {
  readonly issues: ConfigIssue[] = [];
  readonly acted: ActedKey[] = [];
  readonly accepted: AcceptedKey[] = [];
  /** Paths of the keys a file may have with this last name, for "did you mean" across sections. */
  readonly pathsOf: (name: string) => readonly ConfigPath[];
  unknownKeys = 0;
  /** Where the section being read stands: the place of keys that are missing from it. */
  parentOrigin: Origin = { kind: 'default', why: '' };
  readonly #rest: Record<string, unknown> = {};

  constructor(pathsOf: (name: string) => readonly ConfigPath[]) {
    this.pathsOf = pathsOf;
  }

  /** Everything that was kept with {@link keep}. */
  get rest(): ConfigMap {
    return this.#rest as ConfigMap;
  }

  /** Keeps a value Cairn does not act on at its path. */
  keep(path: ConfigPath, value: ConfigValue): void {
    let map = this.#rest;
    for (const part of path.slice(0, -1)) {
      const next = Object.hasOwn(map, part) ? map[part] : undefined;
      const inner = typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : {};
      map[part] = inner;
      map = inner;
    }
    map[path.at(-1) ?? ''] = value;
  }
}

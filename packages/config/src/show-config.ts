import { formatPlace, placeOf } from './config-issue.ts';
import type { ConfigPath, ConfigValue, Origin } from './config-value.ts';
import type { RunEnvironment } from './environment.ts';
import { ENVIRONMENT_VARIABLES } from './environment.ts';
import type { ValidConfig } from './parse-config.ts';
import { configValue } from './parse-config.ts';

/** One key of a shown configuration. */
export interface ShownKey {
  readonly path: ConfigPath;
  readonly value: ConfigValue;
  readonly origin: Origin;
  /** Cairn acts on it; it is known and has no effect; it is not known at all. */
  readonly effect: 'acts' | 'none' | 'unknown';
  /** What the key means, or which releases have it. */
  readonly about: string;
}

/** One variable of the environment. */
export interface ShownVariable {
  readonly name: string;
  readonly value: RunEnvironment[keyof RunEnvironment];
  readonly about: string;
  readonly effect: 'acts' | 'none';
}

/** A configuration with every default and where each value came from: plain data. */
export interface ShownConfig {
  readonly keys: readonly ShownKey[];
  readonly environment: readonly ShownVariable[];
}

/** Every key of a configuration, in the order it is declared in: those Cairn acts on, then the others. */
export function showConfig(result: ValidConfig): ShownConfig {
  const acted = result.acted.map((key): ShownKey => ({ ...key, effect: 'acts' }));
  const accepted = result.accepted.map(({ path, value, origin, releases }): ShownKey => {
    const about = releases === '' ? 'known from the documents' : `in files of ${releases}`;
    return { path, value, origin, effect: 'none', about };
  });
  const unknown = result.warnings.flatMap(({ code, path }): ShownKey[] => {
    const value = configValue(result.config, path);
    if (code !== 'unknown-key' || value === undefined) return [];
    return [{ path, value, origin: result.origins.of(path), effect: 'unknown', about: 'not a key of any release' }];
  });
  return { keys: [...acted, ...accepted, ...unknown], environment: shownVariables(result.config.environment) };
}

function shownVariables(environment: RunEnvironment): ShownVariable[] {
  const set = ENVIRONMENT_VARIABLES.map(({ name, field, about }): ShownVariable => {
    return { name, value: environment[field], about, effect: 'acts' };
  }).filter(({ value }) => value !== null && value !== false && !(Array.isArray(value) && value.length === 0));
  const idle = environment.withoutEffect.map((name): ShownVariable => {
    return { name, value: null, about: 'known, without effect', effect: 'none' };
  });
  return [...set, ...idle];
}

/** A branch of the rendered tree: a value with its comment, or more branches by name. */
type Branch = { readonly key: ShownKey } | { readonly children: Map<string, Branch> };

/**
 * A shown configuration as YAML with a comment behind every value; read again, by Cairn or by MindFormers, it means the
 * same. Environment variables follow as comments.
 */
export function renderConfig(shown: ShownConfig): string {
  const children = new Map<string, Branch>();
  for (const key of shown.keys) insert(children, key);
  const lines = renderMap(children, '');
  const variables = shown.environment.map(({ name, value, about }) => {
    return `# environment ${name}${value === null ? '' : `=${String(value)}`}: ${about}`;
  });
  return [...lines, ...variables, ''].join('\n');
}

function insert(top: Map<string, Branch>, key: ShownKey): void {
  let map = top;
  for (const part of key.path.slice(0, -1)) {
    const next = map.get(part);
    const children = next !== undefined && 'children' in next ? next.children : new Map<string, Branch>();
    map.set(part, { children });
    map = children;
  }
  map.set(key.path.at(-1) ?? '', { key });
}

function renderMap(children: ReadonlyMap<string, Branch>, indent: string): string[] {
  return [...children].flatMap(([name, branch]) => {
    if ('key' in branch) return [`${indent}${keyText(name)}: ${valueText(branch.key.value)}  # ${comment(branch.key)}`];
    const isList = [...branch.children.keys()].every((part) => /^\d+$/.test(part));
    const inner = isList ? renderList(branch.children, `${indent}  `) : renderMap(branch.children, `${indent}  `);
    return [`${indent}${keyText(name)}:`, ...inner];
  });
}

function renderList(children: ReadonlyMap<string, Branch>, indent: string): string[] {
  return [...children].flatMap(([, branch]) => {
    if ('key' in branch) return [`${indent}- ${valueText(branch.key.value)}  # ${comment(branch.key)}`];
    const lines = renderMap(branch.children, `${indent}  `);
    return lines.map((line, index) => (index === 0 ? `${indent}- ${line.trimStart()}` : line));
  });
}

function comment({ origin, effect }: ShownKey): string {
  const from = origin.kind === 'default' ? `default: ${origin.why}` : formatPlace(placeOf(origin));
  const words = { acts: '', none: '; no effect here', unknown: '; unknown key' }[effect];
  return `${from}${words}`.replaceAll(/\s+/g, ' ');
}

/** A key as YAML: in quotes when plain text would be read as something else. */
function keyText(name: string): string {
  const plain = /^[A-Za-z_][\w.-]*$/.test(name) && !/^(?:true|false|yes|no|on|off|null)$/i.test(name);
  return plain ? name : JSON.stringify(name);
}

/** A value as YAML of one line that PyYAML reads alike: True and False, floats with a point, texts in quotes. */
function valueText(value: ConfigValue): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, child]) => `${JSON.stringify(name)}: ${valueText(child)}`)
    .join(', ')}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const text = String(value);
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}

import type { Override } from './apply-overrides.ts';
import { applyOverrides } from './apply-overrides.ts';
import type { ReadText } from './base-config.ts';
import { readWithBases } from './base-config.ts';
import { checkRules } from './check-rules.ts';
import type { ConfigIssue } from './config-issue.ts';
import { ConfigError, placeOf } from './config-issue.ts';
import type { MapNode } from './config-node.ts';
import { given, mapNode, withEntry } from './config-node.ts';
import type { ConfigPath, ConfigValue } from './config-value.ts';
import { deepFreeze } from './config-value.ts';
import type { RunEnvironment } from './environment.ts';
import { readEnvironment } from './environment.ts';
import type { KeySpec } from './keys/key.ts';
import { readKey } from './keys/read-key.ts';
import type { AcceptedKey, ActedKey } from './keys/reading.ts';
import { Reading } from './keys/reading.ts';
import type { Origins } from './origins.ts';
import { originsOf } from './origins.ts';
import { respellKeys } from './respell-keys.ts';
import type { ConfigSections, RunConfig } from './run-config.ts';
import { RUN_CONFIG_KEY } from './run-config.ts';
import { unusedSections } from './unused-sections.ts';

/** What a configuration is made from. */
export interface ConfigInput {
  /** Name of the file, for messages and as the folder of its base_config. */
  readonly name: string;
  readonly text: string;
  /** From flags or arguments, in their order of effect; they win over the file. */
  readonly overrides?: readonly Override[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Reads the files of base_config. */
  readonly readText?: ReadText;
}

/** A configuration with its source map, or every reason why there is none. */
export type ConfigResult = ValidConfig | InvalidConfig;

/** A configuration that is right. */
export interface ValidConfig {
  readonly ok: true;
  readonly config: RunConfig;
  readonly origins: Origins;
  readonly warnings: readonly ConfigIssue[];
  /** Keys that are known and without effect. */
  readonly accepted: readonly AcceptedKey[];
  /** Every key Cairn acts on with its meaning, value and origin. */
  readonly acted: readonly ActedKey[];
}

/** A configuration that is wrong: all errors, and the warnings met on the way. */
export interface InvalidConfig {
  readonly ok: false;
  readonly errors: readonly ConfigIssue[];
  readonly warnings: readonly ConfigIssue[];
}

/**
 * Reads a MindFormers YAML of any release into one validated, frozen configuration, every default filled.
 * Never throws and never rejects for anything in its input: the answer says what is wrong and where.
 */
export async function parseConfig(input: ConfigInput): Promise<ConfigResult> {
  const { environment, issues: environmentIssues } = readEnvironment(input.env ?? {});
  const file = await readWithBases(input.name, input.text, input.readText);
  const overrides = input.overrides ?? [];
  const early = [...environmentIssues, ...file.issues].filter(
    (issue) => issue.code !== 'empty' || overrides.length === 0,
  );
  if (file.root === null && early.some(isError)) return invalid(early);
  const top = { kind: 'file', place: { file: input.name, line: 1, column: 1 } } as const;
  const overridden = applyOverrides(file.root ?? mapNode(new Map(), top), overrides, isSection);
  const respelled = respellKeys(withEnvironment(overridden.root, environment));
  const reading = new Reading(pathsOf);
  // readKey gives what the spec was declared with.
  const sections = readKey(RUN_CONFIG_KEY, respelled.root, reading) as ConfigSections;
  const origins = originsOf(respelled.root, reading.acted, environment);
  const issues = [
    ...early,
    ...overridden.issues,
    ...respelled.issues,
    ...reading.issues,
    ...unusedSections(respelled.root, sections.run_mode),
    ...missingModel(respelled.root),
    ...checkRules(sections, origins), // wrong values have become defaults, so the rules find what else is wrong
  ];
  if (issues.some(isError)) return invalid(issues);
  return deepFreeze({
    ok: true,
    config: { ...sections, rest: reading.rest, environment },
    origins,
    warnings: issues,
    accepted: reading.accepted,
    acted: reading.acted,
  });
}

/** The valid result, for callers that have nowhere to go without one. @throws ConfigError with all errors */
export function expectConfig(result: ConfigResult): ValidConfig {
  if (result.ok) return result;
  throw new ConfigError(result.errors);
}

/** The value at a path, whether Cairn acts on it or only keeps it; undefined when there is none. */
export function configValue(config: RunConfig, path: ConfigPath): ConfigValue | undefined {
  return valueAt(config, path) ?? valueAt(config.rest, path);
}

function valueAt(tree: unknown, path: ConfigPath): ConfigValue | undefined {
  // Configurations are plain data: every step is a property of an object or list.
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Record<string, unknown>)[part];
  }, tree) as ConfigValue | undefined;
}

function isError(issue: ConfigIssue): boolean {
  return issue.severity === 'error';
}

function invalid(issues: readonly ConfigIssue[]): InvalidConfig {
  return deepFreeze({
    ok: false,
    errors: issues.filter(isError),
    warnings: issues.filter((issue) => !isError(issue)),
  });
}

/** Keys that take their default from a variable (behaviour §4.3, §5.3). */
function withEnvironment(root: MapNode, environment: RunEnvironment): MapNode {
  const top = withDefault(root, 'output_dir', environment.outputDir, 'LOCAL_DEFAULT_PATH');
  const moded = withDefault(top, 'run_mode', environment.runMode, 'RUN_MODE');
  const context = moded.entries.get('context') ?? mapNode(new Map(), { kind: 'default', why: 'template' });
  if (environment.deviceId === null || context.kind !== 'map') return moded;
  return withEntry(moded, 'context', withDefault(context, 'device_id', environment.deviceId, 'DEVICE_ID'));
}

function withDefault(map: MapNode, name: string, value: string | number | null, variable: string): MapNode {
  if (value === null || given(map.entries.get(name)) !== undefined) return map;
  return withEntry(map, name, {
    kind: 'scalar',
    value,
    quoted: false,
    origin: { kind: 'environment', name: variable },
  });
}

function missingModel(root: MapNode): ConfigIssue[] {
  if (given(root.entries.get('model')) !== undefined) return [];
  const message = 'there is no model section; a run needs model.model_config with type LlamaConfig';
  return [{ severity: 'warning', code: 'model-missing', path: ['model'], message, place: placeOf(root.origin) }];
}

function isSection(path: ConfigPath): boolean {
  const spec = path.reduce<KeySpec | undefined>((at, part) => childSpec(at, part), RUN_CONFIG_KEY);
  return spec?.kind === 'section' || spec?.kind === 'either';
}

function childSpec(spec: KeySpec | undefined, part: string): KeySpec | undefined {
  const section = spec?.kind === 'either' ? spec.section : spec;
  return section?.kind === 'section' && Object.hasOwn(section.keys, part) ? section.keys[part] : undefined;
}

function pathsOf(name: string): readonly ConfigPath[] {
  return namedPaths(RUN_CONFIG_KEY, name, []);
}

function namedPaths(spec: KeySpec, name: string, path: ConfigPath): readonly ConfigPath[] {
  if (spec.kind === 'either') return namedPaths(spec.section, name, path);
  if (spec.kind !== 'section') return [];
  return Object.entries(spec.keys).flatMap(([key, child]) => [
    ...(key === name ? [[...path, key]] : []),
    ...namedPaths(child, name, [...path, key]),
  ]);
}

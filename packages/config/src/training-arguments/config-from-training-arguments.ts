import type { Override } from '../apply-overrides.ts';
import type { ConfigIssue, ConfigIssueCode } from '../config-issue.ts';
import type { ConfigMap, ConfigValue } from '../config-value.ts';
import { nearestName } from '../keys/nearest-name.ts';
import { wrongValue } from '../keys/wrong-value.ts';
import type { Argument, Arguments } from './argument.ts';
import { DATA_ARGUMENTS } from './data-arguments.ts';
import { DEVICE_ARGUMENTS } from './device-arguments.ts';
import { OPTIMIZATION_ARGUMENTS } from './optimization-arguments.ts';
import type { Fields } from './ruled-overrides.ts';
import { checkFields, ruledOverrides } from './ruled-overrides.ts';
import { RUN_ARGUMENTS } from './run-arguments.ts';
import type { TrainingFields } from './training-fields.ts';

/** `save_total_limit` as `saveTotalLimit`. */
type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

const ARGUMENTS: Arguments<TrainingFields> = {
  ...RUN_ARGUMENTS,
  ...DEVICE_ARGUMENTS,
  ...OPTIMIZATION_ARGUMENTS,
  ...DATA_ARGUMENTS,
};

const TRAINING_FIELDS: ReadonlyMap<string, Argument<unknown>> = new Map(Object.entries<Argument<unknown>>(ARGUMENTS));

/**
 * What TrainingArguments is called with: upstream's names or their camelCase twins (ruling 41); null or undefined = not
 * given, and null keeps what the configuration has.
 */
export type TrainingArgumentsInput = {
  readonly [Name in keyof TrainingFields]?: TrainingFields[Name] | null | undefined;
} & {
  readonly [Name in keyof TrainingFields as Camel<Name>]?: TrainingFields[Name] | null | undefined;
};

/** TrainingArguments as overrides of a configuration, or everything that is wrong with them. */
export type TrainingArgumentsResult =
  | { readonly ok: true; readonly overrides: readonly Override[] }
  | { readonly ok: false; readonly errors: readonly ConfigIssue[] };

/**
 * What MindFormers' TrainingArguments mean for a configuration (behaviour §5.1): every field that is not null, given
 * or by default, becomes overrides for {@link parseConfig}; null keeps what the configuration has.
 */
export function configFromTrainingArguments(input: TrainingArgumentsInput): TrainingArgumentsResult {
  const errors: ConfigIssue[] = [];
  const report = (code: ConfigIssueCode, name: string, message: string): void => {
    errors.push({ severity: 'error', code, path: [], message, place: { flag: labelOf(name) } });
  };
  const written = writtenFields(input, report);
  const fields: Record<string, ConfigValue> = {};
  for (const [name, argument] of TRAINING_FIELDS) {
    // Fallbacks are plain data, written in the tables of arguments.
    fields[name] = argument.fallback as ConfigValue;
    const given = written.get(name);
    if (given === undefined) continue;
    const value = given.value === 'None' ? null : given.value;
    if (value !== null && !argument.leaf.schema().safeParse(value).success) {
      report('argument-value', given.name, wrongValue([given.name], argument.leaf, value));
    } else fields[name] = value;
  }
  // Every field is there, and what is not null has passed its own schema.
  const complete = fields as unknown as Fields;
  for (const { field, message } of checkFields(complete))
    report('argument-value', written.get(field)?.name ?? field, message);
  if (errors.length > 0) return { ok: false, errors };
  const label = (field: string): string => labelOf(written.get(field)?.name ?? field);
  return { ok: true, overrides: [...plainOverrides(fields, label), ...ruledOverrides(complete, label)] };
}

type Report = (code: ConfigIssueCode, name: string, message: string) => void;

/** Fields by upstream's name, with the name they were written under. */
function writtenFields(
  input: TrainingArgumentsInput,
  report: Report,
): Map<string, { name: string; value: ConfigValue }> {
  const written = new Map<string, { name: string; value: ConfigValue }>();
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const field = TRAINING_FIELDS.has(name) ? name : TWINS.get(name);
    const before = field === undefined ? undefined : written.get(field);
    if (field === undefined) {
      const nearest = nearestName(name, [...TRAINING_FIELDS.keys(), ...TWINS.keys()]);
      const hint = nearest === null ? '' : `. Did you mean ${nearest}?`;
      report('argument-unknown', name, `TrainingArguments has no field ${name}${hint}`);
    } else if (before !== undefined && JSON.stringify(before.value) !== JSON.stringify(value)) {
      report('argument-value', name, `${before.name} and ${name} are one field and differ; keep one`);
    } else written.set(field, { name, value });
  }
  return written;
}

/** camelCase twin → upstream's name. */
const TWINS: ReadonlyMap<string, string> = new Map(
  [...TRAINING_FIELDS.keys()].map((name) => [
    name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    name,
  ]),
);

/** Fields that set a key of the same value. */
function plainOverrides(fields: ConfigMap, label: (field: string) => string): Override[] {
  return [...TRAINING_FIELDS].flatMap(([field, { targets }]) => {
    const value = fields[field] ?? null;
    if (value === null) return [];
    return targets.map((path): Override => ({ path, value, flag: label(field), parents: 'create' }));
  });
}

function labelOf(name: string): string {
  return `TrainingArguments.${name}`;
}

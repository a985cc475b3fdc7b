import type { ConfigPath, FilePlace, Origin } from './config-value.ts';

/** What went wrong, or deserves a look; closed, so that apps can map codes. */
export type ConfigIssueCode =
  | 'text-too-long'
  | 'yaml-syntax'
  | 'yaml-conflict-marker'
  | 'yaml-documents'
  | 'yaml-tag'
  | 'yaml-key'
  | 'yaml-alias'
  | 'yaml-depth'
  | 'yaml-size'
  | 'not-a-map'
  | 'empty'
  | 'duplicate-key'
  | 'base-config'
  | 'unknown-key'
  | 'wrong-value'
  | 'missing-key'
  | 'accepted-type'
  | 'spelling'
  | 'conflict'
  | 'rule'
  | 'sections-unused'
  | 'nothing-saved'
  | 'mode-unsupported'
  | 'model-missing'
  | 'model-unsupported'
  | 'experts-unsupported'
  | 'override-path'
  | 'environment-value'
  | 'flag-unknown'
  | 'flag-ambiguous'
  | 'flag-value'
  | 'argument-unknown'
  | 'argument-value';

/** Where an issue is: in a file, on the command line, in the environment, or nowhere in particular. */
export type IssuePlace = FilePlace | { readonly flag: string } | { readonly environment: string } | null;

/** One finding about a configuration. The message says what was found, what the rule is and what to write instead. */
export interface ConfigIssue {
  readonly severity: 'error' | 'warning';
  readonly code: ConfigIssueCode;
  readonly path: ConfigPath;
  readonly message: string;
  readonly place: IssuePlace;
}

/** Warnings that `config check` lets pass and a run must refuse: the file is fine, Cairn cannot execute it. */
const BLOCKING: ReadonlySet<ConfigIssueCode> = new Set([
  'mode-unsupported',
  'model-missing',
  'model-unsupported',
  'experts-unsupported',
]);

/** Whether a run (not a check) must stop at this issue: every error, and what Cairn cannot execute. */
export function blocksRun(issue: ConfigIssue): boolean {
  return issue.severity === 'error' || BLOCKING.has(issue.code);
}

/** The place an origin stands for; null for defaults, which stand nowhere. */
export function placeOf(origin: Origin): IssuePlace {
  if (origin.kind === 'file') return origin.place;
  if (origin.kind === 'flag') return { flag: origin.flag };
  return origin.kind === 'environment' ? { environment: origin.name } : null;
}

/** One line for people: `train.yaml:4:8: error: seed must be ...`. */
export function formatIssue(issue: ConfigIssue): string {
  const place = formatPlace(issue.place);
  return `${place === '' ? '' : `${place}: `}${issue.severity}: ${issue.message}`;
}

/** `train.yaml:4:8`, a flag, `environment NAME`, or nothing. */
export function formatPlace(place: IssuePlace): string {
  if (place === null) return '';
  if ('flag' in place) return place.flag;
  return 'environment' in place ? `environment ${place.environment}` : `${place.file}:${place.line}:${place.column}`;
}

/** The same without its severity, for a list of which each is one. */
function located({ place, message }: ConfigIssue): string {
  const where = formatPlace(place);
  return where === '' ? message : `${where}: ${message}`;
}

/** A configuration that cannot be used: all its errors, not only the first. */
export class ConfigError extends Error {
  readonly code: ConfigIssueCode;
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[], options?: ErrorOptions) {
    super(issues.map(located).join('\n'), options);
    this.name = 'ConfigError';
    this.code = issues[0]?.code ?? 'rule';
    this.issues = issues;
  }
}

/** Whether a caught value is a {@link ConfigError}. */
export function isConfigError(error: unknown): error is ConfigError {
  return error instanceof ConfigError;
}

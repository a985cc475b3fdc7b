export { checkConfig } from './check-config.ts';
export type { ConfigCheck } from './check-config.ts';
export { failureOf, locatedMessage } from './failure-of.ts';
export { isRunError, RunError } from './run-error.ts';
export type { ExitCode, RunErrorPlace } from './run-error.ts';
export { run } from './run.ts';
export type { RunOptions } from './run.ts';

/** An optimizer, schedule or loss scale that cannot be. `path` names the configuration key at fault. */
export class OptimError extends Error {
  readonly code = 'optim-invalid';
  readonly path: readonly string[];

  constructor(message: string, path: readonly string[], options?: ErrorOptions) {
    super(message, options);
    this.name = 'OptimError';
    this.path = path;
  }
}

/** Whether an error comes from this package. */
export function isOptimError(error: unknown): error is OptimError {
  return error instanceof Error && error.name === 'OptimError';
}

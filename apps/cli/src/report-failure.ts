/**
 * Tells an error in words on standard error.
 *
 * @returns the exit code it stands for
 */
export async function reportFailure(error: unknown): Promise<number> {
  const { failureOf } = await import('@cairn/runtime');
  const failure = failureOf(error);
  process.stderr.write(`error: ${failure.message}\n`);
  if (process.env['CAIRN_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return failure.exitCode;
}

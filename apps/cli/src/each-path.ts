import type { Output } from './output.ts';
import { reportFailure } from './report-failure.ts';

/**
 * Does the same with every path of the command line, and goes on after one that fails.
 *
 * @param work gives the exit code of one path
 * @returns the first exit code that is not 0
 */
export async function eachPath(
  paths: readonly string[],
  output: Output,
  work: (path: string) => Promise<number>,
): Promise<number> {
  let first = 0;
  for (const path of paths) {
    const exitCode = await work(path).catch(async (error: unknown) => told(path, output, error));
    if (first === 0) first = exitCode;
  }
  return first;
}

async function told(file: string, output: Output, error: unknown): Promise<number> {
  if (output.json) {
    const { failureOf } = await import('@cairn/runtime');
    const { code, message, place } = failureOf(error);
    const { tensor = null, byte = null } = place;
    output.data(JSON.stringify({ file, ok: false, code, message, tensor, byte }));
  }
  return reportFailure(error);
}

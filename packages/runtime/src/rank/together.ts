import type { Group } from '@cairn/collectives';
import { failureOf } from '../failure-of.ts';
import { RunError } from '../run-error.ts';
import type { ExitCode } from '../run-error.ts';

/** How a rank failed, on the way to the others. */
interface Failure {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly file: string | null;
}

/** Every rank does its part; when one fails, all fail with its reason. Nobody goes on before all have done theirs. */
export async function together(world: Group, work: () => Promise<void>): Promise<void> {
  let failure: Failure | null = null;
  let own: unknown;
  try {
    await work();
  } catch (error) {
    const { code, exitCode, message, place } = failureOf(error);
    own = error;
    failure = { code, exitCode, message, file: place.file ?? null };
  }
  const told = await world.allGather(new TextEncoder().encode(JSON.stringify(failure)));
  if (own !== undefined) throw own;
  told.forEach((bytes, rank) => {
    // Written above by another rank.
    const other = JSON.parse(new TextDecoder().decode(bytes)) as Failure | null;
    if (other === null) return;
    const place = { rank, ...(other.file !== null && { file: other.file }) };
    throw new RunError(other.code, other.exitCode, `rank ${rank}: ${other.message}`, place);
  });
}

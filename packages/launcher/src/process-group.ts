/** Groups that must not outlive this process. */
const guarded = new Set<number>();

/** Signals all processes of a group; one that is gone already, or is no longer ours, is no error. */
export function signalGroup(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}

/**
 * Has a group killed when this process ends. One listener for all groups, however many ranks there are.
 *
 * @returns lets go of the group
 */
export function guardGroup(group: number): () => void {
  if (guarded.size === 0) process.once('exit', killGuarded);
  guarded.add(group);
  return () => {
    guarded.delete(group);
    if (guarded.size === 0) process.removeListener('exit', killGuarded);
  };
}

function killGuarded(): void {
  for (const group of guarded) signalGroup(group, 'SIGKILL');
}

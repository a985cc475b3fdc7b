/** An error that says that the command was given something it cannot use; exit code 2. To be thrown. */
export async function usageError(message: string, file?: string): Promise<Error> {
  const { RunError } = await import('@cairn/runtime');
  return new RunError('usage', 2, message, { file });
}

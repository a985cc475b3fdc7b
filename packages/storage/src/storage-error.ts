export type StorageErrorCode =
  /** There is no such file. */
  | 'not-found'
  /** The disk, the quota or the allowed size of a file is used up. */
  | 'no-space'
  /** Owner, mode or a read-only file system are in the way. */
  | 'no-access'
  /** Everything else: a name that cannot be, a device that fails. */
  | 'io';

/** A file system that did not do what it was asked. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;
  /** Path of the file or folder. */
  readonly file: string;

  constructor(code: StorageErrorCode, message: string, file: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageError';
    this.code = code;
    this.file = file;
  }
}

/** Whether an error comes from this package. */
export function isStorageError(error: unknown): error is StorageError {
  return error instanceof Error && error.name === 'StorageError';
}

const CODES: Readonly<Record<string, readonly [StorageErrorCode, string]>> = {
  ENOENT: ['not-found', 'does not exist'],
  ENOSPC: ['no-space', 'the disk is full: free some space and start again, nothing that was saved is lost'],
  EDQUOT: ['no-space', 'the quota is used up: free some space and start again, nothing that was saved is lost'],
  EFBIG: [
    'no-space',
    'would grow beyond the largest size allowed here: raise `ulimit -f` and start again, nothing that was saved is lost',
  ],
  EACCES: ['no-access', 'permission denied: check its owner and mode'],
  EPERM: ['no-access', 'not permitted: check its owner and mode'],
  EROFS: ['no-access', 'the file system is read-only'],
  ENOTDIR: ['io', 'a part of the path is not a folder'],
  EISDIR: ['io', 'is a folder, a file was expected'],
  ERR_FS_EISDIR: ['io', 'is a folder, a file was expected'],
  ENAMETOOLONG: ['io', 'the name is too long for this file system'],
  EMFILE: ['io', 'too many files are open: raise the limit of the process (ulimit -n)'],
  ENFILE: ['io', 'too many files are open on this host'],
};

/** What a failed system call means for the file it was made for. */
export function storageError(cause: unknown, file: string): StorageError {
  if (isStorageError(cause)) return cause;
  const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = Object.hasOwn(CODES, errno) ? CODES[errno] : undefined;
  const [code, meaning] = known ?? ['io', cause instanceof Error ? cause.message : String(cause)];
  return new StorageError(code, `${file}: ${meaning}`, file, { cause });
}

/** Whether an error is that of a system call with this number, e.g. `ENOENT`. */
export function hasErrno(error: unknown, errno: string): boolean {
  return error instanceof Error && 'code' in error && error.code === errno;
}

/** Runs file-system calls; their errors become {@link StorageError}s that name the file. */
export function guarded<T>(file: string, calls: () => T): T {
  try {
    return calls();
  } catch (error) {
    throw storageError(error, file);
  }
}

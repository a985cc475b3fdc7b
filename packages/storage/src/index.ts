export { openFile } from './file-source.ts';
export { localFolder } from './local-folder.ts';
export { guarded, isStorageError, StorageError, storageError } from './storage-error.ts';
export type { StorageErrorCode } from './storage-error.ts';
export { sweepDrafts } from './sweep-drafts.ts';

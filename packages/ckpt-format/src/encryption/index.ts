export type { CipherOptions, Sm4Cbc } from './cipher.ts';
export type { CipherMode } from './cipher-mode.ts';
export { decrypted } from './decrypted.ts';
export type { EncryptingSink } from './encrypting.ts';
export { encryptingSink } from './encrypting-sink.ts';
export type { EncryptingOptions } from './encrypting-sink.ts';

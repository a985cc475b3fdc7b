import { randomBytes } from 'node:crypto';
import type { ByteSink, ByteSource } from '@cairn/bytes';
import type { EncryptingSink } from '@cairn/ckpt-format/encryption';
import type { CheckpointMonitorConfig } from '@cairn/config';

/** Key and cipher of encrypted checkpoints. */
export interface SealSettings {
  readonly key: Uint8Array;
  readonly mode: 'AES-GCM' | 'AES-CBC' | 'SM4-CBC';
}

/** `enc_key` as text: its UTF-8 bytes are the key; null = checkpoints are not encrypted. */
export function sealSettingsOf(
  monitor: Pick<CheckpointMonitorConfig, 'enc_key' | 'enc_mode'> | null,
): SealSettings | null {
  if (monitor?.enc_key == null || monitor.enc_key === '') return null;
  return { key: new TextEncoder().encode(monitor.enc_key), mode: monitor.enc_mode };
}

/** A sink that encrypts on the way to another. */
export async function sealed(sink: ByteSink, { key, mode }: SealSettings): Promise<EncryptingSink> {
  const { encryptingSink } = await import('@cairn/ckpt-format/encryption');
  return encryptingSink(sink, { key, mode, randomIv: (bytes) => randomBytes(bytes) });
}

/** The plaintext of a checkpoint; the source itself when nothing is encrypted. */
export async function unsealed(source: ByteSource, seal: SealSettings | null): Promise<ByteSource> {
  if (seal === null) return source;
  const { decrypted } = await import('@cairn/ckpt-format/encryption');
  return decrypted(source, seal);
}

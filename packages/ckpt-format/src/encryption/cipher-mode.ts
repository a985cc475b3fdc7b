/** How MindSpore encrypts a `.ckpt` (`enc_mode`). */
export type CipherMode = 'AES-GCM' | 'AES-CBC' | 'SM4-CBC';

/** Each block begins with the magic of its mode, little-endian (docs/formats/ckpt.md). */
export const MAGIC: Readonly<Record<CipherMode, number>> = {
  'AES-GCM': 0x7f3a5ed8,
  'AES-CBC': 0x7f3a5ed9,
  'SM4-CBC': 0x7f3a5eda,
};

/** The mode whose magic the bytes begin with. */
export function cipherModeOf(bytes: Uint8Array): CipherMode | undefined {
  if (bytes.length < 4) return undefined;
  const magic = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return (['AES-GCM', 'AES-CBC', 'SM4-CBC'] as const).find((mode) => MAGIC[mode] === magic);
}

export { crc32 } from './crc32.ts';
export { digestKernel, TensorDigest, tensorDigest } from './digest.ts';
export type { Box, DigestKernel } from './digest.ts';
export { elementBytes, elementCount, isElementType } from './element-type.ts';
export type { ElementType } from './element-type.ts';
export type { CreateOptions, Draft, FileInfo, Folder } from './folder.ts';
export { bfloat16Bits, float16Bits, fromBfloat16Bits, fromFloat16Bits, roundTo } from './half.ts';
export { readBytes, sourceOf } from './source.ts';
export type { ByteSink, ByteSource, OpenSource } from './source.ts';

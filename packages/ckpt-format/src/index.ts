export type {
  CheckpointEntry,
  CheckpointFormat,
  CheckpointIndex,
  Chunk,
  MapEntry,
  StoredTensor,
  TensorEntry,
  TextEntry,
} from './checkpoint-index.ts';
export { CkptError, isCkptError } from './ckpt-error.ts';
export type { CkptErrorCode, CkptErrorPlace } from './ckpt-error.ts';
export { compareCheckpoints } from './compare/compare-checkpoints.ts';
export type {
  CheckpointDifference,
  ComparedCheckpoint,
  CompareOptions,
  EntryDifference,
} from './compare/compare-checkpoints.ts';
export type { ValueDifference } from './compare/difference-tally.ts';
export { crcTrailer } from './ckpt/crc-trailer.ts';
export { layoutCkpt } from './ckpt/layout-ckpt.ts';
export { writeCkpt } from './ckpt/write-ckpt.ts';
export type { WriteCkptOptions } from './ckpt/write-ckpt.ts';
export { elementValues } from './element-values.ts';
export type { ElementValues } from './element-values.ts';
export type { EntrySpec, EntryToWrite, TensorSpec, TensorToWrite, TextToWrite } from './entry-to-write.ts';
export type { EntryLayout, FileLayout, LayoutPart } from './file-layout.ts';
export { indexCheckpoint } from './index-checkpoint.ts';
export { readElements } from './read-elements.ts';
export { readTensor } from './read-tensor.ts';
export { layoutSafetensors } from './safetensors/layout-safetensors.ts';
export type { LayoutSafetensorsOptions } from './safetensors/layout-safetensors.ts';
export { writeSafetensors } from './safetensors/write-safetensors.ts';
export type { WriteSafetensorsOptions } from './safetensors/write-safetensors.ts';
export { tensorPieces } from './tensor-pieces.ts';
export type { ElementRun } from './tensor-pieces.ts';
export { verifyCrc } from './verify-crc.ts';

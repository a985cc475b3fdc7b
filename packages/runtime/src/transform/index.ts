export { applyTransformation } from './apply-transformation.ts';
export type { Applied, ApplyOptions } from './apply-transformation.ts';
export { eachModel } from './each-model.ts';
export { planOptions, planTransformation } from './plan-transformation.ts';
export type { Transformation, TransformQuestion } from './plan-transformation.ts';
export type { FileResult } from './write-file.ts';
export { verifyTransformation } from './verify-transformation.ts';
export type { TransformFlaw, TransformVerdict, VerifyTransformOptions } from './verify-transformation.ts';

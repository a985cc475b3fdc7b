export { clipFactor, gradientSquares, roundGradients } from './clip.ts';
export { checkLearningRate, learningRate } from './learning-rate.ts';
export type { LearningRateSpec } from './learning-rate.ts';
export { initialLossScale, nextLossScale } from './loss-scale.ts';
export type { LossScaleSpec, LossScaleState } from './loss-scale.ts';
export { isOptimError, OptimError } from './optim-error.ts';
export { decays, inOptimizerOrder, updateParameter } from './optimizer.ts';
export type { OptimizerRule, OptimizerSpec, TrainedParameter, UpdateNumbers } from './optimizer.ts';
export { stateEntries, stateNames } from './state-entries.ts';

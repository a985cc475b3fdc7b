/** How the loss is scaled: by a number that stays, or by one that grows until gradients overflow. */
export type LossScaleSpec =
  | { readonly kind: 'fixed'; readonly scale: number }
  | {
      readonly kind: 'dynamic';
      readonly scale: number;
      readonly factor: number;
      /** Steps without overflow after which the scale grows. */
      readonly window: number;
    };

/** The loss scale and where it stands in its window. */
export interface LossScaleState {
  readonly scale: number;
  /** Steps taken, beginning at 1 (`current_iterator_step`). */
  readonly currentStep: number;
  /** Step of the last overflow or growth (`last_overflow_iterator_step`). */
  readonly lastChangeStep: number;
}

/** The state before the first step. */
export function initialLossScale(spec: LossScaleSpec): LossScaleState {
  return { scale: Math.fround(spec.scale), currentStep: 1, lastChangeStep: 0 };
}

/**
 * The state after a step (qwen-llama-data §4.5): an overflow divides the scale, at least 1 stays; a window without one
 * multiplies it. There is no upper bound: a scale that reaches infinity stays there, as MindSpore's does.
 */
export function nextLossScale(spec: LossScaleSpec, state: LossScaleState, overflow: boolean): LossScaleState {
  if (spec.kind === 'fixed') return state;
  const { scale, currentStep, lastChangeStep } = state;
  const grows = !overflow && currentStep - lastChangeStep >= spec.window;
  const changed = overflow || currentStep - lastChangeStep >= spec.window;
  const lowered = overflow ? Math.max(scale / spec.factor, 1) : scale;
  return {
    scale: Math.fround(grows ? lowered * spec.factor : lowered),
    currentStep: currentStep + 1,
    lastChangeStep: changed ? currentStep : lastChangeStep,
  };
}

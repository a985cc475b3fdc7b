import { configFromTrainingArguments, formatIssue } from '@cairn/config';
import type { Override, TrainingArgumentsInput } from '@cairn/config';
import { RunError } from '../run-error.ts';

/** What a training script says about a run: upstream's TrainingArguments, with its names, defaults and checks. */
export class TrainingArguments {
  /** What the arguments change in a configuration. */
  readonly overrides: readonly Override[];

  /** @throws RunError exit 2 naming every argument that is wrong */
  constructor(input: TrainingArgumentsInput = {}) {
    const result = configFromTrainingArguments(input);
    if (!result.ok) {
      throw new RunError('argument-value', 2, result.errors.map((issue) => formatIssue(issue)).join('\n'));
    }
    this.overrides = result.overrides;
  }
}

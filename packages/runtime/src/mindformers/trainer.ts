import type { ConfigInput, Override } from '@cairn/config';
import type { RunFinished, TrainingEvent } from '@cairn/events';
import { eventLines } from '@cairn/events/lines';
import { lastValueFrom, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { readConfigFile } from '../read-config-file.ts';
import { RunError } from '../run-error.ts';
import type { ExitCode } from '../run-error.ts';
import { run } from '../run.ts';
import { AutoModel } from './auto-model.ts';
import type { PretrainedModel } from './auto-model.ts';
import { TrainingArguments } from './training-arguments.ts';
import { underUpstreamNames } from './twin-names.ts';
import type { Twins } from './twin-names.ts';

/** Fields of a Trainer that Cairn acts on. */
interface TrainerFields {
  /** Arguments, or the path of a YAML file. */
  readonly args: TrainingArguments | string;
  readonly model: PretrainedModel;
  readonly model_name: string;
  /** Folder or file of the training data. */
  readonly train_dataset: string;
  /** Where a person's lines go; standard error when absent. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Fields of `train` and `finetune`; each wins over the arguments. */
interface TrainFields {
  /** A path, or True for what the output folder holds; deprecated upstream, wins over `resume_from_checkpoint`. */
  readonly train_checkpoint: string | boolean;
  readonly resume_from_checkpoint: string;
  readonly resume_training: boolean | string;
  readonly ignore_data_skip: boolean;
  readonly data_skip_steps: number;
  readonly auto_trans_ckpt: boolean;
  readonly src_strategy: string;
  readonly transform_process_num: number;
  readonly do_eval: boolean;
}

export type TrainerOptions = Twins<TrainerFields>;
export type TrainOptions = Twins<TrainFields>;

const TRAINER_FIELDS = ['args', 'model', 'model_name', 'train_dataset', 'log', 'signal'] as const;

/** Each field of `train` with the key it sets; null = none of its own. */
const TRAIN_KEYS: { readonly [Name in keyof TrainFields]: string | null } = {
  train_checkpoint: null,
  resume_from_checkpoint: 'load_checkpoint',
  resume_training: 'resume_training',
  ignore_data_skip: 'ignore_data_skip',
  data_skip_steps: 'data_skip_steps',
  auto_trans_ckpt: 'auto_trans_ckpt',
  src_strategy: 'src_strategy_path_or_dir',
  transform_process_num: 'transform_process_num',
  do_eval: 'do_eval',
};

/** Trains from a script: the twin of upstream's Trainer (mindformers-behaviour §5.2). */
export class Trainer {
  readonly #fields: Partial<TrainerFields>;

  /** @throws RunError exit 2 for a field that does not exist, or a model that is given twice */
  constructor(options: TrainerOptions = {}) {
    this.#fields = underUpstreamNames<TrainerFields>('Trainer', TRAINER_FIELDS, options);
    const { model, model_name: name } = this.#fields;
    if (model !== undefined && name !== undefined && model.name !== name) {
      throw new RunError('argument-value', 2, `Trainer: model is ${model.name}, model_name ${name}: give one of them`);
    }
  }

  /**
   * Trains, and tells it line by line.
   *
   * @returns how it ended
   * @throws RunError with the exit code of the failure
   */
  async train(options: TrainOptions = {}): Promise<RunFinished> {
    return this.#follow(await this.events('train', options));
  }

  /** Trains from given weights. */
  async finetune(options: TrainOptions = {}): Promise<RunFinished> {
    return this.#follow(await this.events('finetune', options));
  }

  /** The run as a cold stream of events, for a program that wants more than lines. */
  async events(mode: 'train' | 'finetune', options: TrainOptions = {}): Promise<Observable<TrainingEvent>> {
    const { args, model, model_name: name, train_dataset: data, signal } = this.#fields;
    const flag = `Trainer.${mode}`;
    const set = (path: string, value: Override['value']): Override => ({
      path: path.split('.'),
      value,
      flag,
      parents: 'create',
    });
    const input = await inputOf(args);
    const named = model ?? (name === undefined || typeof args === 'string' ? null : AutoModel.fromPretrained(name));
    const overrides = [
      ...(input.overrides ?? []),
      ...(named?.overrides ?? []),
      set('run_mode', mode),
      ...(data === undefined ? [] : [set('train_dataset.data_loader.dataset_dir', data)]),
      ...trainOverrides(mode, options, set),
    ];
    return run({ ...input, overrides }, signal === undefined ? {} : { signal });
  }

  async #follow(events: Observable<TrainingEvent>): Promise<RunFinished> {
    const lines = eventLines();
    const log = this.#fields.log ?? ((line: string) => process.stderr.write(`${line}\n`));
    const told = events.pipe(tap((event) => lines(event).forEach((line) => log(line))));
    const last = await lastValueFrom(told);
    if (last.type === 'run-finished') return last;
    if (last.type !== 'run-failed') throw new RunError('bug', 1, `a run ended with ${last.type}`);
    // Codes of a run are exit codes.
    throw new RunError(last.code, last.exitCode as ExitCode, last.message);
  }
}

async function inputOf(args: TrainerFields['args'] | undefined): Promise<ConfigInput> {
  if (typeof args === 'string') return readConfigFile(args);
  const { overrides } = args ?? new TrainingArguments();
  return { name: 'TrainingArguments', text: '', overrides, env: process.env };
}

function trainOverrides(
  mode: string,
  options: TrainOptions,
  set: (path: string, value: Override['value']) => Override,
): Override[] {
  // The keys of the table are the names of the fields.
  const names = Object.keys(TRAIN_KEYS) as (keyof TrainFields)[];
  const { train_checkpoint: checkpoint, ...fields } = underUpstreamNames<TrainFields>(mode, names, options);
  const overrides = Object.entries(fields).map(([name, value]) =>
    set(TRAIN_KEYS[name as keyof typeof fields] ?? '', value),
  );
  if (checkpoint === undefined || checkpoint === false) return overrides;
  const loaded = checkpoint === true ? './output/checkpoint' : checkpoint;
  return [...overrides, set('load_checkpoint', loaded)];
}

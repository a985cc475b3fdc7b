import fs from 'node:fs';
import path from 'node:path';
import type { Step } from '@cairn/events';
import { expect, onTestFinished, test } from 'vitest';
import { eventsOf, tinyFolder } from '../../test/tiny-run.ts';
import { AutoModel, AutoModelForCausalLM, buildContext, Trainer, TrainingArguments } from './index.ts';

const SIZES = {
  seq_length: 8,
  hidden_size: 16,
  num_layers: 1,
  num_heads: 2,
  vocab_size: 16,
  intermediate_size: 24,
  compute_dtype: 'float32',
  param_init_type: 'float32',
} as const;

const SAID: string[] = [];
const log = (line: string): void => void SAID.push(line);

/** A script runs in a working directory. */
async function inFolder(): Promise<string> {
  const [before, folder] = [process.cwd(), await tinyFolder()];
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  return folder;
}

function argumentsOf(more: object = {}): TrainingArguments {
  return new TrainingArguments({
    use_parallel: false,
    num_train_epochs: 2,
    sink_mode: false,
    save_steps: 3,
    per_device_train_batch_size: 2,
    train_dataset_in_columns: ['input_ids'],
    dataset_task: 'CausalLanguageModelDataset',
    dataset_type: 'MindDataset',
    ...more,
  });
}

test('a script trains, saves under its prefix, and resumes to the same bits', async () => {
  const folder = await inFolder();
  const model = AutoModelForCausalLM.fromPretrained('llama_7b', { download_checkpoint: false, ...SIZES });
  const trainer = new Trainer({ args: argumentsOf(), model, train_dataset: './data', log });
  expect(await trainer.train()).toMatchObject({ type: 'run-finished', steps: 8 });
  expect(SAID).toContain('.........Training Over!.............');
  const ranks = path.join(folder, 'output/checkpoint/rank_0');
  expect(fs.readdirSync(ranks).filter((name) => name.endsWith('.ckpt'))).toEqual([
    'CKP_rank_0-1_3.ckpt',
    'CKP_rank_0-2_2.ckpt',
    'CKP_rank_0-2_4.ckpt',
  ]);
  const whole = fs.readFileSync(path.join(folder, 'output/events.ndjson'), 'utf8').trimEnd().split('\n');
  const losses = whole.map((line) => JSON.parse(line) as Step).filter(({ type }) => type === 'step');

  const resumed = await eventsOf(
    await trainer.events('train', {
      resume_from_checkpoint: './output/checkpoint',
      resume_training: 'CKP_rank_0-1_3.ckpt',
    }),
  );
  const after = resumed.filter((event) => event.type === 'step');
  expect(after.map(({ step, loss }) => [step, loss])).toEqual(losses.slice(3).map(({ step, loss }) => [step, loss]));
});

test('both spellings mean the same', async () => {
  await inFolder();
  const model = AutoModel.fromPretrained('llama_7b', { downloadCheckpoint: false, ...SIZES });
  const args = new TrainingArguments({
    numTrainEpochs: 1,
    sinkMode: false,
    perDeviceTrainBatchSize: 2,
    trainDatasetInColumns: ['input_ids'],
    datasetTask: 'CausalLanguageModelDataset',
    datasetType: 'MindDataset',
  });
  const trainer = new Trainer({ args, model, trainDataset: './data', log });
  expect(await trainer.train({ ignoreDataSkip: true })).toMatchObject({ steps: 4 });
});

test('a YAML file stands for the arguments', async () => {
  const folder = await inFolder();
  const { TINY_YAML } = await import('../../test/tiny-run.ts');
  fs.writeFileSync(path.join(folder, 'tiny.yaml'), TINY_YAML);
  expect(await new Trainer({ args: 'tiny.yaml', log }).train()).toMatchObject({ steps: 8 });
});

test('a failure is thrown with its exit code', async () => {
  await inFolder();
  const model = AutoModel.fromPretrained('llama_7b', SIZES);
  const trainer = new Trainer({ args: argumentsOf(), model, train_dataset: './dota', log });
  await expect(trainer.train()).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('./dota') });
  await expect(trainer.train({ resume_training: true })).rejects.toMatchObject({ exitCode: 2 });
});

test.each([
  ['a wrong value', () => argumentsOf({ num_train_epochs: 'many' }), /num_train_epochs/],
  ['an unknown argument', () => argumentsOf({ num_train_epoch: 2 }), /num_train_epochs\?/],
  ['an unknown field', () => new Trainer({ ...JSON.parse('{"trainDataSet":"x"}') }), /Trainer has no trainDataSet/],
  ['a field in both spellings', () => new Trainer({ train_dataset: 'a', trainDataset: 'b' }), /both spellings/],
  ['an unknown model', () => AutoModel.fromPretrained('llama_9b'), /use one of llama_7b/],
  [
    'two models',
    () => new Trainer({ model: AutoModel.fromPretrained('llama_7b'), model_name: 'llama2_7b' }),
    /give one/,
  ],
])('refused: %s', (_, call, message) => {
  expect(call).toThrow(message);
});

test('buildContext checks what devices need', async () => {
  expect(await buildContext(argumentsOf())).toMatchObject({ mode: 0 });
});

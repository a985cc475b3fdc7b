import { expect, test } from 'vitest';
import { launchedProgram } from './launched-program.ts';
import { shellWords } from './shell-words.ts';

test.each([
  ['run --config a.yaml', { kind: 'run', flags: ['--config', 'a.yaml'] }],
  ['cairn run --config a.yaml', { kind: 'run', flags: ['--config', 'a.yaml'] }],
  ['run_mindformer.py --config a.yaml', { kind: 'run', flags: ['--config', 'a.yaml'] }],
  ['python mindformers/run_mindformer.py --a b', { kind: 'run', flags: ['--a', 'b'] }],
  ['run_qwen1_5_chat.py --predict_data x', { kind: 'cairn', args: ['chat', '--predict_data', 'x'] }],
  ['cairn transform plan', { kind: 'cairn', args: ['transform', 'plan'] }],
  ['run_trainer.mjs 4', { kind: 'program', command: 'node', args: ['run_trainer.mjs', '4'] }],
  ['python train.py --config a', { kind: 'program', command: 'python', args: ['train.py', '--config', 'a'] }],
  ['./train.sh run', { kind: 'program', command: './train.sh', args: ['run'] }],
])('%s', (command, program) => {
  expect(launchedProgram(shellWords(command))).toEqual(program);
});

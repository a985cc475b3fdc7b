// A launcher of a test: starts two ranks, says their processes once they have begun, and waits.
//   node launch-and-wait.mjs LOG_FOLDER PROGRAM ARGUMENT
import { launchWorld } from '../../dist/index.js';

const [logFolder = '', program = '', argument = ''] = process.argv.slice(2);
const command = { command: process.execPath, args: [program, argument], cwd: '.', input: '' };
const world = await launchWorld({ size: 2, command, logFolder }, new AbortController().signal);
const pids = world.ranks.map(async ({ lines }) => {
  for await (const line of lines) return JSON.parse(line).pid;
});
process.stdout.write(`${JSON.stringify(await Promise.all(pids))}\n`);
await world.ended;

// A process of a test that runs a configuration and says its events, one a line; SIGTERM stops the run.
//   node start-run.mjs ORDER, the JSON of { input, options }
import { encodeEvent } from '@cairn/events';
import { run, runWithRestarts } from '../../dist/index.js';

const { input, options } = JSON.parse(process.argv[2] ?? '');
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const all = { ...options, signal: stop.signal };
const events = options.maxRestarts === undefined ? run(input, all) : runWithRestarts(input, all);
events.subscribe((event) => process.stdout.write(`${encodeEvent(event)}\n`));

// A rank of a test: joins the world and reduces for ever; says what ended that.
//   node rank.mjs RANK SIZE PORT DEADLINE_MS VALUES
import { connectWorld } from '../../dist/index.js';

const [rank = 0, size = 1, port = 0, deadlineMs = 1000, values = 1] = process.argv.slice(2).map(Number);
const address = { host: '127.0.0.1', port };
const say = (/** @type {unknown} */ what) => process.stdout.write(`${JSON.stringify(what)}\n`);

let world;
try {
  world = await connectWorld({ rank, size, address, deadlineMs, joinDeadlineMs: 60_000 });
  const sum = new Float32Array(values).fill(rank);
  await world.allReduce(sum, 'sum');
  say({ sum: sum.at(-1) });
  for (;;) await world.allReduce(sum, 'max');
} catch (error) {
  say({ code: error.code, rank: error.rank, why: error.why });
  await world?.close();
  process.exit(5);
}

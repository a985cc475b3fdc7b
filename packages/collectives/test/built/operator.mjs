// A rank of a test: does everything a group does, and says what came of it.
//   node operator.mjs RANK SIZE PORT
import { connectWorld } from '../../dist/index.js';
import { operations } from './operations.mjs';

const [rank = 0, size = 1, port = 0] = process.argv.slice(2).map(Number);
const world = await connectWorld({ rank, size, address: { host: '127.0.0.1', port }, deadlineMs: 60_000 });
process.stdout.write(`${JSON.stringify(await operations(world))}\n`);
await world.close();

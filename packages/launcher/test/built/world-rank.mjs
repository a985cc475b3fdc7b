// A rank of a test: joins its world, reduces as often as it is told, and says each step; with ALONE it does not join.
//   node world-rank.mjs STEPS|forever|alone
import fs from 'node:fs';
import { connectWorld } from '@cairn/collectives';
import { rankPlace } from '../../dist/index.js';

const [steps = '1'] = process.argv.slice(2);
const place = rankPlace(process.env);
const say = (what) => fs.writeSync(3, `${JSON.stringify(what)}\n`);

if (place === null) throw new Error('this process was not launched');
if (steps === 'alone') {
  setInterval(() => undefined, 1000);
  say({ pid: process.pid });
} else {
  const { rank, size, scheduler: address, key, nodeTimeoutMs: deadlineMs } = place;
  const world = await connectWorld({ rank, size, address, key, deadlineMs });
  const sum = new Float32Array(1);
  process.stdout.write(`rank ${rank} of ${size}\n`);
  try {
    const last = steps === 'forever' ? Infinity : Number(steps);
    for (let step = 0; step < last; step++) {
      await world.allReduce(sum.fill(rank), 'sum');
      if (step === 0 || steps !== 'forever') say({ pid: process.pid, sum: sum[0] });
    }
    await world.close();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    await world.close();
    process.exitCode = 5;
  }
}

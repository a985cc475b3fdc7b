/** node bench/dist/main.js [NAME...]: measures all, or those that are named. */
import { asyncCheckpoint } from './async-checkpoint.ts';
import { fourRanks } from './four-ranks.ts';
import { fullSize } from './full-size.ts';
import { manyRanks } from './many-ranks.ts';
import type { Finding } from './measure.ts';
import { tableOf } from './measure.ts';
import { smallModel } from './small-model.ts';
import { transformSpeed } from './transform-speed.ts';

const BENCHES: Readonly<Record<string, () => Promise<readonly Finding[]>>> = {
  'small-model': smallModel,
  'full-size': fullSize,
  'four-ranks': fourRanks,
  'many-ranks': manyRanks,
  'async-checkpoint': asyncCheckpoint,
  transform: transformSpeed,
};

const named = process.argv.slice(2);
const unknown = named.find((name) => BENCHES[name] === undefined);
if (unknown !== undefined) throw new Error(`${unknown} is none of ${Object.keys(BENCHES).join(', ')}`);
const findings: Finding[] = [];
for (const [name, measure] of Object.entries(BENCHES)) {
  if (named.length === 0 || named.includes(name)) findings.push(...(await measure()));
}
process.stdout.write(`${tableOf(findings)}\n`);
if (findings.some(({ holds }) => !holds)) process.exitCode = 1;

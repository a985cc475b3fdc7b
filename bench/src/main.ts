import { fullSize } from './full-size.ts';
import { tableOf } from './measure.ts';
import { smallModel } from './small-model.ts';

const findings = [...(await smallModel()), ...(await fullSize())];
process.stdout.write(`${tableOf(findings)}\n`);
if (findings.some(({ holds }) => !holds)) process.exitCode = 1;

import { eachModel, planOptions, verifyTransformation } from '@cairn/runtime/transform';
import type { Transformation } from '@cairn/runtime/transform';
import { parseTransformArgv } from '@cairn/transform';
import { byteProgress } from '../byte-progress.ts';
import { verifyCommand } from '../commands/ckpt-verify-action.ts';
import type { Output } from '../output.ts';
import { countText } from '../render/size-text.ts';
import { usageError } from '../usage-error.ts';

/** Something does not fit. */
const DAMAGED = 4;

/** @returns the exit code */
export async function verifyTransformCommand(argv: readonly string[], output: Output): Promise<number> {
  const isFlags = argv.some((word) => word.startsWith('--'));
  if (!isFlags && argv.length === 1) return verifyCommand(argv, output);
  const parsed = parseTransformArgv(argv);
  if (parsed.form === 'plan') throw await usageError('verify takes the flags of apply, or one folder');
  let exitCode = 0;
  for (const options of eachModel(parsed.options)) {
    if (!(await verifyOne(await planOptions({ ...options, rankId: null }), output))) exitCode = DAMAGED;
  }
  return exitCode;
}

/** @returns whether everything is as in the source */
async function verifyOne(transformation: Transformation, output: Output): Promise<boolean> {
  const { destination, plan } = transformation;
  const progress = await byteProgress(output, plan.cost.writeBytes * 2);
  const { tensors, flaws } = await verifyTransformation(transformation, { onBytes: progress.add });
  progress.close();
  if (output.json) {
    output.data(JSON.stringify({ ok: flaws.length === 0, destination, tensors, flaws }));
  } else {
    for (const { file, tensor, why } of flaws) output.data([file ?? destination, tensor ?? [], why].flat().join(': '));
    const found = flaws.length === 0 ? 'all as in the source' : countText(flaws.length, 'flaw');
    output.say(`${destination}: ${countText(tensors, 'tensor')}, ${found}`);
  }
  return flaws.length === 0;
}

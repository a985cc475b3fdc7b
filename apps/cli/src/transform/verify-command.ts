import { planOptions, verifyTransformation } from '@cairn/runtime/transform';
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
  const transformation = await planOptions({ ...parsed.options, rankId: null });
  const progress = await byteProgress(output, transformation.plan.cost.writeBytes * 2);
  const { tensors, flaws } = await verifyTransformation(transformation, { onBytes: progress.add });
  progress.close();
  if (output.json) {
    output.data(JSON.stringify({ ok: flaws.length === 0, destination: transformation.destination, tensors, flaws }));
  } else {
    for (const { file, tensor, why } of flaws) output.data(`${file ?? transformation.destination}: ${tensor}: ${why}`);
    const what = flaws.length === 0 ? 'the same as in the source' : `, ${countText(flaws.length, 'flaw')}`;
    output.say(`${transformation.destination}: ${countText(tensors, 'tensor')} ${what}`);
  }
  return flaws.length === 0 ? 0 : DAMAGED;
}

import type { Command } from '@commander-js/extra-typings';
import { addCkptCat } from './ckpt-cat.ts';
import { addCkptDiff } from './ckpt-diff.ts';
import { addCkptLs } from './ckpt-ls.ts';
import { addCkptVerify } from './ckpt-verify.ts';

/** cairn ckpt: ls, cat, verify, diff. */
export function addCkptCommands(program: Command): void {
  const ckpt = program.command('ckpt').description('looks into checkpoint files, .ckpt and .safetensors');
  addCkptLs(ckpt);
  addCkptCat(ckpt);
  addCkptVerify(ckpt);
  addCkptDiff(ckpt);
}

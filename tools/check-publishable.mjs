// Packs every package and lets publint look at the tarball: entry points that exist, types that resolve, files that are in.
//   node tools/check-publishable.mjs
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packAll } from './pack/pack-all.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), 'cairn-publishable-'));
try {
  const packed = packAll(root, folder);
  const problems = (await Promise.all(packed.map(lint))).flat();
  for (const problem of problems) console.error(problem);
  console.log(`publishable: ${packed.length} packages, ${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}

/** @param {import('./pack/pack-all.mjs').Packed} packed */
async function lint({ name, tarball }) {
  const { buffer } = new Uint8Array(readFileSync(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  return messages.map((message) => `${name}: ${message.type}: ${formatMessage(message, pkg, { color: false })}`);
}

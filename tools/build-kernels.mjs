// Builds the WebAssembly kernels of packages/*/kernels/*.ts (AssemblyScript) into committed TypeScript files.
//   node tools/build-kernels.mjs           writes them
//   node tools/build-kernels.mjs --check   exits 1 when a committed file differs from what its source gives
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');

/** @param {string} source path of an AssemblyScript file */
async function compile(source) {
  const flags = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--importMemory', '--zeroFilledMemory'];
  const target = `${source}.wasm`;
  /** @type {Map<string, Uint8Array | string>} */
  const written = new Map();
  /** @type {string[]} */
  const said = [];
  const { error } = await asc.main([source, ...flags, '--outFile', target], {
    readFile: (name, baseDir) => {
      try {
        return readFileSync(path.resolve(baseDir, name), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (name, contents) => void written.set(name, contents),
    listFiles: () => [],
    stderr: {
      write: (chunk) => void said.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')),
    },
  });
  const wasm = written.get(target);
  if (error || !(wasm instanceof Uint8Array)) throw new Error(`${source}: ${said.join('')}`);
  return wasm;
}

/** @param {string} source @param {Uint8Array} wasm */
function generated(source, wasm) {
  const base64 = Buffer.from(wasm).toString('base64');
  const lines = base64.match(/.{1,110}/g) ?? [];
  return [
    `// Generated from ${source} by tools/build-kernels.mjs; do not edit. ${wasm.length} bytes of WebAssembly, base64.`,
    'export const WASM: string =',
    ...lines.map((line, i) => `  '${line}'${i === lines.length - 1 ? ';' : ' +'}`),
    '',
  ].join('\n');
}

let stale = 0;
for (const source of sources()) {
  const name = path.basename(source, '.ts');
  const target = path.join(path.dirname(source), '..', 'src', 'kernels', `${name}.wasm.ts`);
  const text = generated(source, await compile(source));
  if (!check) writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) {
    console.error(`${target} differs from what ${source} gives: run node tools/build-kernels.mjs`);
    stale += 1;
  }
}
process.exitCode = stale > 0 ? 1 : 0;

/** Paths of all kernel sources, relative to the workspace root. */
function sources() {
  process.chdir(root);
  return readdirSync('packages')
    .map((name) => `packages/${name}/kernels`)
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => `${folder}/${file}`));
}

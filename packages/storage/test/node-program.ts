import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  rewriteRelativeImportExtensions: true,
};

/** A folder in which plain node finds this package and what it imports, made from their sources: no build is needed. */
export class NodeProgram {
  readonly #modules: string = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-program-'));

  constructor() {
    for (const name of ['bytes', 'storage']) {
      const from = path.join(import.meta.dirname, '../..', name, 'src');
      const to = path.join(this.#modules, 'node_modules/@cairn', name);
      for (const file of fs.readdirSync(from, { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
        const text = fs.readFileSync(path.join(from, file), 'utf8');
        const target = path.join(to, file.replace(/\.ts$/, '.js'));
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.writeFileSync(target, ts.transpileModule(text, { compilerOptions }).outputText);
      }
      fs.writeFileSync(path.join(to, 'package.json'), JSON.stringify({ type: 'module', exports: './index.js' }));
    }
  }

  /** Arguments for node to run a script in a process of its own, with the package's exports at hand as `storage`. */
  arguments(script: string): string[] {
    const entry = pathToFileURL(path.join(this.#modules, 'node_modules/@cairn/storage/index.js')).href;
    return ['--input-type=module', '--eval', `import * as storage from ${JSON.stringify(entry)};\n${script}`];
  }

  remove(): void {
    fs.rmSync(this.#modules, { recursive: true, force: true });
  }
}

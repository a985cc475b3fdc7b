import fs from 'node:fs';
import path from 'node:path';
import { guarded } from '@cairn/storage';

/** A file that belongs to no checkpoint: of a save that did not come to its end. */
export interface LeftOver {
  readonly file: string;
  readonly what: string;
}

/** What is left over in a folder and those below it. */
export function leftOversIn(root: string): readonly LeftOver[] {
  const names = guarded(root, () => fs.readdirSync(root, { recursive: true, encoding: 'utf8' }));
  return leftOvers(names).map(({ file, what }) => ({ file: path.join(root, file), what }));
}

/** Which of these names are left over. Nothing is read from them, and resuming takes no notice of them. */
export function leftOvers(names: readonly string[]): readonly LeftOver[] {
  const all = new Set(names);
  return names.toSorted().flatMap((file) => {
    const what = whatIsLeft(file, all);
    return what === null ? [] : [{ file, what }];
  });
}

function whatIsLeft(file: string, all: ReadonlySet<string>): string | null {
  const draft = /^\.(.+)\.\d+-\d+\.draft$/.exec(path.basename(file))?.[1];
  if (draft !== undefined) return `a draft of ${draft} that was not finished`;
  if (file.endsWith('.tmp')) return 'what MindSpore had written of a file when it ended';
  if (!file.endsWith('.cairn.json') || all.has(file.slice(0, -'.cairn.json'.length))) return null;
  return 'a side file without its checkpoint';
}

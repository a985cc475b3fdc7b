import type { ConfigIssue } from './config-issue.ts';
import { placeOf } from './config-issue.ts';
import type { ConfigNode, MapNode } from './config-node.ts';
import { mergeNodes, withoutEntry } from './config-node.ts';
import { MAX_BASE_FILES } from './limits.ts';
import { readYaml } from './yaml/read-yaml.ts';

/** Reads one more file by its name; rejects when there is none. */
export type ReadText = (name: string) => Promise<string>;

/** A tree with the trees of its bases under it; null when it cannot be used. */
interface MergedReading {
  readonly root: MapNode | null;
  readonly issues: readonly ConfigIssue[];
}

/**
 * Reads a file and, under it, those its `base_config` names (a text or a list, relative to the file that names them;
 * later ones and the file itself win, mappings are merged in depth; behaviour §4.1).
 */
export async function readWithBases(
  name: string,
  text: string,
  readText: ReadText | undefined,
): Promise<MergedReading> {
  const loader = new BaseLoader(readText);
  const root = await loader.load(name, text, [name]);
  return { root, issues: loader.issues };
}

class BaseLoader {
  readonly issues: ConfigIssue[] = [];
  readonly #readText: ReadText | undefined;
  #files = 0;

  constructor(readText: ReadText | undefined) {
    this.#readText = readText;
  }

  /** @param chain names of the files on the way here, to stop circles */
  async load(name: string, text: string, chain: readonly string[]): Promise<MapNode | null> {
    const { root, issues } = readYaml(name, text);
    for (const issue of issues) this.issues.push(issue); // spreading tens of thousands would end the stack
    const base = root?.entries.get('base_config');
    if (root === null || base === undefined) return root;
    const own = withoutEntry(root, 'base_config');
    const names = baseNames(base);
    if (names === null) {
      this.#error(base, 'base_config must be a file name or a list of file names');
      return own;
    }
    const bases: MapNode[] = [];
    for (const relative of names) {
      const loaded = await this.#base(base, resolve(name, relative), chain);
      if (loaded !== null) bases.push(loaded);
    }
    const merged = [...bases, own].reduce<ConfigNode>(mergeNodes, bases[0] ?? own);
    return merged.kind === 'map' ? { ...merged, origin: root.origin } : own;
  }

  async #base(at: ConfigNode, name: string, chain: readonly string[]): Promise<MapNode | null> {
    if (chain.includes(name)) return this.#error(at, `base_config goes in a circle: ${[...chain, name].join(' > ')}`);
    this.#files += 1;
    if (this.#files > MAX_BASE_FILES) return this.#error(at, `more than ${MAX_BASE_FILES} files through base_config`);
    if (this.#readText === undefined) return this.#error(at, `base_config ${name}: other files cannot be read here`);
    try {
      return await this.load(name, await this.#readText(name), [...chain, name]);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return this.#error(at, `base_config: ${name} cannot be read: ${why}`);
    }
  }

  #error(node: ConfigNode, message: string): null {
    const path = ['base_config'];
    this.issues.push({ severity: 'error', code: 'base-config', path, message, place: placeOf(node.origin) });
    return null;
  }
}

function baseNames(node: ConfigNode): string[] | null {
  const nodes = node.kind === 'list' ? node.items : [node];
  const names = nodes.flatMap((item) => (item.kind === 'scalar' && typeof item.value === 'string' ? [item.value] : []));
  return names.length === nodes.length && names.every((name) => name !== '') ? names : null;
}

/** A name relative to the folder of the file that names it. */
function resolve(from: string, name: string): string {
  if (/^(?:[/\\]|[A-Za-z]:)/.test(name)) return name;
  const folder = from.slice(0, Math.max(from.lastIndexOf('/'), from.lastIndexOf('\\')) + 1);
  return `${folder}${name.replace(/^\.\//, '')}`;
}

import fs from 'node:fs';
import path from 'node:path';

/** Where relative paths of a configuration lead. */
export interface RunPaths {
  /** Something to read: from the working directory, as upstream takes it, or else from the configuration's folder. */
  input(name: string): string;
  /** Something to write: from the working directory. */
  output(name: string): string;
}

/**
 * @param cwd    working directory
 * @param config path of the configuration file
 */
export function runPaths(cwd: string, config: string): RunPaths {
  const output = (name: string): string => path.resolve(cwd, name);
  return {
    output,
    input(name) {
      const here = output(name);
      if (fs.existsSync(here)) return here;
      const beside = path.resolve(cwd, path.dirname(config), name);
      return fs.existsSync(beside) ? beside : here;
    },
  };
}

/** The entry of a folder whose name is most like a missing one's, as a hint; null when the folder is not there. */
function nearestNeighbour(missing: string): string | null {
  const folder = path.dirname(missing);
  if (!fs.existsSync(folder)) return folder === missing ? null : nearestNeighbour(folder);
  const wanted = path.basename(missing);
  const sharedStart = (name: string): number => {
    let end = 0;
    while (end < name.length && name[end] === wanted[end]) end += 1;
    return end;
  };
  const names = fs.readdirSync(folder).toSorted((a, b) => sharedStart(b) - sharedStart(a) || a.length - b.length);
  return names[0] === undefined ? folder : path.join(folder, names[0]);
}

/** "; the nearest that exists is …", or nothing. */
export function neighbourHint(missing: string): string {
  const near = nearestNeighbour(missing);
  return near === null ? '' : `; the nearest that exists is ${near}`;
}

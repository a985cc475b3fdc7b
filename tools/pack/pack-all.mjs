import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readProjects } from '../workspace/read-projects.mjs';

/**
 * @typedef {object} Packed
 * @property {string} name     e.g. "@cairn/bytes"
 * @property {string} folder   of its sources, relative to the root
 * @property {string} tarball  absolute path
 */

/**
 * Packs every package and application as it would be published: workspace: and catalog: become versions.
 * @param {string} root the workspace root, built
 * @param {string} into an existing folder
 * @returns {Packed[]}
 */
export function packAll(root, into) {
  const args = ['-r', '--filter', './packages/*', '--filter', './apps/*', 'pack', '--pack-destination', into];
  execFileSync(path.join(root, 'node_modules', '.bin', 'pnpm'), args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return readProjects(root)
    .filter(({ folder }) => /^(?:packages|apps)\//.test(folder))
    .map(({ name, folder }) => {
      const { version } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
      return { name, folder, tarball: path.join(into, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`) };
    });
}

import fs from 'node:fs';
import path from 'node:path';

/** The folder that holds the rank folders: one whose only child holds them stands for that child (ruling 26). */
export function rankRoot(root: string): string {
  const children = fs.readdirSync(root);
  const [only] = children;
  if (children.length !== 1 || only === undefined || only.startsWith('rank_')) return root;
  const inner = path.join(root, only);
  return fs.statSync(inner).isDirectory() && fs.readdirSync(inner).some((name) => name.startsWith('rank_'))
    ? inner
    : root;
}

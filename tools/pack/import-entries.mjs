import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Imports every name of argv; one that only lacks an optional peer (argv[2], comma-separated) is fine. */
const PROGRAM = `
const [peers, ...names] = process.argv.slice(2);
for (const name of names) {
  await import(name).catch((error) => {
    if (peers.split(',').some((peer) => peer !== '' && error.message.includes("'" + peer + "'"))) return;
    console.error('import ' + name + ': ' + error.message);
    process.exitCode = 1;
  });
}
`;

/**
 * Imports every entry point of an installed package under plain Node.
 * @param {import('../workspace/read-projects.mjs').Manifest} manifest
 * @param {string} project folder of the project that has it installed
 * @returns {string[]} what is wrong
 */
export function importEntries(manifest, project) {
  const file = path.join(project, 'import-entries.mjs');
  writeFileSync(file, PROGRAM);
  const entries = Object.keys(manifest.exports ?? {}).filter((entry) => !entry.endsWith('.json'));
  const peers = Object.keys(manifest.peerDependencies ?? {}).join(',');
  const names = entries.map((entry) => `${manifest.name}${entry.slice(1)}`);
  const { status, stderr } = spawnSync(process.execPath, [file, peers, ...names], { cwd: project, encoding: 'utf8' });
  return status === 0 ? [] : [stderr.trim()];
}

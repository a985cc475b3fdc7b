// Checks sizes, names, marks and doc comments of all source files, and prints the numbers.
//   node tools/check-budgets.mjs [folder of a workspace]
import { fileURLToPath } from 'node:url';
import { findExcesses } from './budgets/find-excesses.mjs';
import { measureFiles } from './budgets/measure-files.mjs';
import { readProjects } from './workspace/read-projects.mjs';

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const projects = readProjects(root);
const { excesses, numbers } = findExcesses(measureFiles(root, projects), projects);
for (const excess of excesses) console.error(excess);
for (const [name, value] of numbers) console.log(`${name.padEnd(20)} ${value}`);
process.exitCode = excesses.length > 0 ? 1 : 0;

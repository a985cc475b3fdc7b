// Checks what may know what: layers, cycles, declared dependencies, entry points, purity, project references.
//   node tools/check-boundaries.mjs [folder of a workspace]
import { fileURLToPath } from 'node:url';
import { findViolations } from './boundaries/find-violations.mjs';
import { readWorkspace } from './workspace/read-workspace.mjs';

const workspace = readWorkspace(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const violations = findViolations(workspace);
for (const violation of violations) console.error(violation);
const files = workspace.projects.flatMap((project) => project.files);
const imports = files.reduce((sum, file) => sum + file.imports.length, 0);
console.log(
  `boundaries: ${workspace.projects.length} projects, ${files.length} files, ${imports} imports, ${violations.length} violations`,
);
process.exitCode = violations.length > 0 ? 1 : 0;

// What a change must pass: types, lint, format, boundaries, budgets, unused code, publishable packages, unit and property tests.
//   npm run check           VERBOSE=1 shows everything every step prints
import { fileURLToPath } from 'node:url';
import { CHECK_STEPS } from './steps/check-steps.mjs';
import { runSteps } from './steps/run-steps.mjs';

const { passed, failed } = await runSteps(fileURLToPath(new URL('..', import.meta.url)), CHECK_STEPS);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

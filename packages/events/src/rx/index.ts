export { numbered } from './numbered.ts';
export { untilTerminal } from './until-terminal.ts';

// Loaded before a README example (node --import): each call of console.log is also told to descriptor 3, as one JSON line:
// as Node prints it, and as JSON where a README prefers that for objects.
import { writeSync } from 'node:fs';
import { format } from 'node:util';

const log = console.log.bind(console);
console.log = (...values) => {
  log(...values);
  const json = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ');
  writeSync(3, `${JSON.stringify({ node: format(...values).replaceAll(/\s+/g, ' '), json })}\n`);
};

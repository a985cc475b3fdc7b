import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankLines } from './rank-lines.ts';

const newInput = (): Readable => new Readable({ read: () => undefined });
const MANY = Array.from({ length: 2000 }, (_, i) => `line ${i}`.padEnd(100));

async function taken(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

test('lines are the same however the bytes come in pieces', async () => {
  const words = fc.array(
    fc.string({ unit: 'binary' }).filter((text) => text !== '' && !/[\n\p{Surrogate}]/u.test(text)),
  );
  await fc.assert(
    fc.asyncProperty(words, fc.array(fc.nat(50)), async (lines, cuts) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const input = newInput();
      let from = 0;
      for (const cut of [...cuts, bytes.length]) {
        input.push(bytes.subarray(from, from + cut));
        from = Math.min(bytes.length, from + cut);
      }
      input.push(bytes.subarray(from));
      input.push(null);
      expect(await taken(rankLines(input).lines)).toEqual(lines);
    }),
  );
});

test('what is not taken is left in the pipe', async () => {
  const input = newInput();
  const { lines } = rankLines(input);
  input.push(Buffer.from(`${MANY.join('\n')}\n`));
  input.push(Buffer.from('last\n'));
  await nextTurn();
  expect(input.isPaused()).toBe(true);
  input.push(null);
  expect(await taken(lines)).toEqual([...MANY, 'last']);
});

test('in a hurry nothing is left in the pipe, and nothing is lost', async () => {
  const input = newInput();
  const told = rankLines(input);
  for (const part of [MANY, MANY, MANY]) input.push(Buffer.from(`${part.join('\n')}\n`));
  input.push(null);
  await nextTurn();
  told.hurry();
  await new Promise((resolve) => input.once('close', resolve));
  expect(await taken(told.lines)).toEqual([...MANY, ...MANY, ...MANY]);
});

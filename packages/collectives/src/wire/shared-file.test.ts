import fs from 'node:fs';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openPeerFile, readPeerFile, SharedFile, shareOfMemory } from './shared-file.ts';

const PAGE = 4096;

function open(capacityBytes: number): { file: SharedFile; read(at: number, bytes: number): Uint8Array } {
  const file = SharedFile.create('/dev/shm', capacityBytes)!;
  const descriptor = openPeerFile(file.name)!;
  onTestFinished(() => {
    file.close();
    fs.closeSync(descriptor);
  });
  const read = (at: number, bytes: number): Uint8Array => {
    const into = new Uint8Array(bytes);
    readPeerFile(descriptor, into, at);
    return into;
  };
  return { file, read };
}

test('what is written is read until all its readers are done, whatever is written and released meanwhile', () => {
  const step = fc.record({
    bytes: fc.integer({ min: 1, max: 3 * PAGE }),
    readers: fc.integer({ min: 1, max: 3 }),
    done: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { file, read } = open(16 * PAGE);
      const held: { at: number; content: Uint8Array; readers: number }[] = [];
      for (const [i, { bytes, readers, done }] of steps.entries()) {
        const content = new Uint8Array(bytes).fill(i + 1);
        const at = file.write(content, readers);
        if (at !== null) held.push({ at, content, readers });
        for (const each of held)
          expect(Buffer.from(read(each.at, each.content.length)).equals(each.content)).toBe(true);
        const one = held[done % Math.max(1, held.length)];
        if (one === undefined) continue;
        file.release(one.at);
        if (--one.readers === 0) held.splice(held.indexOf(one), 1);
      }
      for (const { at, readers } of held) for (let i = 0; i < readers; i++) file.release(at);
      expect(file.write(new Uint8Array(16 * PAGE), 1)).toBe(PAGE);
    }),
    { numRuns: 50 },
  );
});

test('what does not fit is not written', () => {
  const { file } = open(2 * PAGE);
  expect(file.write(new Uint8Array(2 * PAGE + 1), 1)).toBeNull();
  expect(file.write(new Uint8Array(PAGE), 1)).toBe(PAGE);
  expect(file.write(new Uint8Array(PAGE + 1), 1)).toBeNull();
  expect(file.write(new Uint8Array(1), 1)).toBe(2 * PAGE);
});

test('a folder that is not there has no shared memory', () => {
  expect(SharedFile.create('/nowhere', PAGE)).toBeNull();
  expect(shareOfMemory('/nowhere', 2)).toBe(0);
  expect(shareOfMemory('/dev/shm', 4)).toBeLessThanOrEqual(shareOfMemory('/dev/shm', 1) / 4);
});

test('another file of that number is not taken for the peer’s', () => {
  const { file } = open(PAGE);
  expect(openPeerFile({ ...file.name, mark: '0'.repeat(32) })).toBeNull();
  expect(openPeerFile({ ...file.name, descriptor: 9999 })).toBeNull();
  expect(openPeerFile({ ...file.name, pid: 2 ** 30 })).toBeNull();
});

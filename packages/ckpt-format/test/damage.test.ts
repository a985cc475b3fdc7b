/** Damaged files give CkptErrors, and take no memory out of proportion: every golden file is cut and flipped. */
import { readdirSync, readFileSync } from 'node:fs';
import { sourceOf } from '@cairn/bytes';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CheckpointFormat } from '../src/index.ts';
import { indexCheckpoint, isCkptError, readTensor, verifyCrc } from '../src/index.ts';

const FOLDER = new URL('../../../conformance/golden/ckpt/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((file) => /\.(?:ckpt|safetensors)$/.test(file));

/** Every array made while a file is read, by length. */
let allocated: number[] = [];

function watchAllocations(): void {
  const plain = globalThis.Uint8Array;
  const watched = new Proxy(plain, {
    construct(target, args: unknown[]) {
      if (typeof args[0] === 'number') allocated.push(args[0]);
      return Reflect.construct(target, args) as Uint8Array;
    },
  });
  vi.stubGlobal('Uint8Array', watched);
}

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Reads all there is in a file, or fails to with a CkptError; what else is thrown is passed on. */
async function readAll(bytes: Uint8Array, format: CheckpointFormat): Promise<'read' | 'refused'> {
  const source = sourceOf(bytes);
  try {
    const index = await indexCheckpoint(source, format);
    await verifyCrc(source, index);
    for (const entry of index.entries) {
      const tensors = entry.kind === 'tensor' ? [entry] : entry.kind === 'map' ? entry.tensors : [];
      for (const tensor of tensors) expect(await readTensor(source, tensor)).toHaveLength(tensor.bytes);
    }
    return 'read';
  } catch (error) {
    if (!isCkptError(error)) throw error;
    return 'refused';
  }
}

const anyFormat = fc.constantFrom<CheckpointFormat[]>('ckpt', 'safetensors');

const anyDamage = fc.oneof(
  fc.record({ cut: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    flips: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(7)), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
  fc.record({ splice: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.uint8Array({ maxLength: 12 })) }),
);

type Damage = typeof anyDamage extends fc.Arbitrary<infer T> ? T : never;

function damage(bytes: Uint8Array, how: Damage): Uint8Array {
  if ('cut' in how) return bytes.slice(0, Math.floor(how.cut * bytes.length));
  const damaged = bytes.slice();
  if ('splice' in how) {
    const [place, other] = how.splice;
    damaged.set(other.subarray(0, damaged.length), Math.floor(place * Math.max(0, damaged.length - other.length)));
    return damaged;
  }
  for (const [place, bit] of how.flips) {
    if (damaged.length > 0) damaged[Math.floor(place * damaged.length)]! ^= 1 << bit;
  }
  return damaged;
}

describe('damaged in any way, a file gives nothing but CkptErrors and no array longer than itself', () => {
  test.each(FILES)('%s', async (file) => {
    const bytes = new Uint8Array(readFileSync(new URL(file, FOLDER)));
    watchAllocations();
    const own: CheckpointFormat = file.endsWith('.ckpt') ? 'ckpt' : 'safetensors';
    await fc.assert(
      fc.asyncProperty(anyDamage, fc.oneof(fc.constant(own), anyFormat), async (how, format) => {
        allocated = [];
        const damaged = damage(bytes, how);
        await readAll(damaged, format);
        // Two numbers are always read whole: the trailer (17 bytes) and a header's length (8).
        expect(Math.max(0, ...allocated)).toBeLessThanOrEqual(Math.max(damaged.length, 17));
      }),
      { numRuns: 300 },
    );
  });
});

test('random bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), anyFormat, async (bytes, format) => {
      expect(['read', 'refused']).toContain(await readAll(bytes, format));
    }),
    { numRuns: 2000 },
  );
});

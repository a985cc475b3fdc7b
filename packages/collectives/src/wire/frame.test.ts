import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrameHead, FrameReader } from './frame.ts';
import type { Frame } from './frame.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const place = fc.maxSafeNat();
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('inline' as const), channel: fc.string({ unit: 'grapheme' }), bytes }),
  fc.record({
    type: fc.constant('shared' as const),
    channel: fc.string(),
    slotByte: place,
    beginByte: place,
    bytes: place,
  }),
  fc.record({ type: fc.constant('release' as const), slotByte: place }),
  fc.record({ type: fc.constant('leave' as const), bytes }),
);

function encoded(frame: Frame): Uint8Array {
  const message = 'bytes' in frame && typeof frame.bytes !== 'number' ? frame.bytes : new Uint8Array(0);
  return Uint8Array.of(...encodeFrameHead(frame), ...message);
}

test('frames are the same however their bytes come in pieces', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 6 }), fc.array(fc.nat(80)), (frames, cuts) => {
      const all = Uint8Array.of(...frames.flatMap((frame) => [...encoded(frame)]));
      const read: Frame[] = [];
      const reader = new FrameReader(1000, (frame) => read.push(frame));
      let at = 0;
      for (const cut of [...cuts, all.length]) {
        reader.feed(all.subarray(at, at + cut));
        at += cut;
      }
      expect(read).toEqual(frames);
    }),
  );
});

test('a message that is too long is refused before there is room for it', () => {
  const reader = new FrameReader(10, () => undefined);
  const frame = encodeFrameHead({ type: 'inline', channel: 'c', bytes: new Uint8Array(11) });
  expect(() => reader.feed(frame)).toThrow('a message of 11 bytes is longer than the 10 allowed');
});

test('anything else is no frame, or a short one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (noise) => {
      try {
        new FrameReader(1000, () => undefined).feed(noise);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});

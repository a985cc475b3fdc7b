/** Arbitrary checkpoints. */
import { elementBytes, elementCount } from '@cairn/bytes';
import type { ElementType } from '@cairn/bytes';
import fc from 'fast-check';
import type { EntrySpec, EntryToWrite, TensorSpec, TensorToWrite } from '../src/index.ts';

const TYPES: readonly ElementType[] = [
  'Bool',
  'Int4',
  'Int8',
  'UInt8',
  'Int16',
  'UInt16',
  'Int32',
  'UInt32',
  'Int64',
  'UInt64',
  'Float16',
  'BFloat16',
  'Float32',
  'Float64',
];

/** Names people use, and such as trip a program. */
const anyName = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'format',
    'crc_num',
    '0',
    '',
    '\u{feff}w',
    '\u{ffff}',
    '\u{1f600}',
    '"\\',
  ),
);

const anyTensor: fc.Arbitrary<TensorSpec> = fc.record({
  kind: fc.constant('tensor'),
  name: anyName,
  dtype: fc.constantFrom(...TYPES),
  shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
});

const anyText: fc.Arbitrary<EntrySpec> = fc.record({
  kind: fc.constant('text'),
  name: anyName,
  text: fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => !text.endsWith('\0')),
});

/** Tensors of different names that both formats hold: an Int4 needs the metadata key of its name for its mark. */
export function anyTensors(): fc.Arbitrary<TensorSpec[]> {
  const both = anyTensor.filter(({ name, dtype }) => dtype !== 'Int4' || !['format', 'crc_num'].includes(name));
  return fc.uniqueArray(both, { selector: ({ name }) => name, minLength: 1, maxLength: 8 });
}

/** Tensors and texts of different names. */
export function anySpecs(): fc.Arbitrary<EntrySpec[]> {
  return fc.uniqueArray(fc.oneof(anyTensor, anyText), { selector: ({ name }) => name, minLength: 1, maxLength: 8 });
}

/** Gives a tensor some content, the same for the same name and shape. */
export function withContent(tensor: TensorSpec): TensorToWrite & { readonly content: Uint8Array } {
  const bytes = elementCount(tensor.shape) * elementBytes(tensor.dtype);
  return { ...tensor, content: Uint8Array.from({ length: bytes }, (_, i) => (i * 37 + tensor.name.length * 11) & 255) };
}

/** What reading the filled tensors must give. */
export function contentsOf(specs: readonly EntrySpec[]): Map<string, object> {
  const tensors = specs.filter((spec) => spec.kind === 'tensor').map(withContent);
  return new Map(tensors.map(({ name, dtype, shape, content }) => [name, { dtype, shape, content }]));
}

/** Gives every tensor content, in one piece or as a stream of pieces of the given size. */
export function filled(specs: readonly EntrySpec[], pieceBytes?: number): EntryToWrite[] {
  return specs.map((spec) => {
    if (spec.kind === 'text') return spec;
    const tensor = withContent(spec);
    return pieceBytes === undefined ? tensor : { ...tensor, content: pieces(tensor.content, pieceBytes) };
  });
}

async function* pieces(content: Uint8Array, bytes: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < content.length; at += bytes) yield content.subarray(at, at + bytes);
}

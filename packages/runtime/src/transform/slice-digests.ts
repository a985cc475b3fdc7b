import type { Box } from '@cairn/bytes';
import type { TransformFlaw } from './verify-transformation.ts';

/** The digest of a slice in a file. */
export interface SliceDigest {
  readonly tensor: string;
  readonly box: Box;
  readonly file: string;
  readonly digest: string;
}

/** The distinct slices of tensors on one side of a transformation. */
export class SliceDigests {
  readonly #slices = new Map<string, Map<string, SliceDigest>>();

  /** @returns what is wrong when another file holds the same slice with other contents */
  add(key: string, slice: SliceDigest): readonly TransformFlaw[] {
    let slices = this.#slices.get(key);
    if (slices === undefined) {
      slices = new Map();
      this.#slices.set(key, slices);
    }
    const place = slice.box.join(' ');
    const known = slices.get(place);
    slices.set(place, known ?? slice);
    if (known === undefined || known.digest === slice.digest) return [];
    const why = `${known.file} and ${slice.file} hold the same slice of it with different contents`;
    return [{ tensor: slice.tensor, file: slice.file, why }];
  }

  /** Digests of the distinct slices of a tensor. */
  of(key: string): readonly string[] {
    return Array.from(this.#slices.get(key)?.values() ?? [], ({ digest }) => digest);
  }
}

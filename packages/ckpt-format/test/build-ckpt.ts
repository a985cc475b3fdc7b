/** Entries of a `.ckpt` built field by field, also such as no writer makes. */

export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** A length-delimited field. */
export function field(number: number, payload: Uint8Array | string): Uint8Array {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  return concat(varint(number * 8 + 2), varint(bytes.length), bytes);
}

export function dims(...sizes: readonly (number | bigint)[]): Uint8Array {
  return concat(...sizes.map((size) => concat(varint(8), varint(size))));
}

export function tensor(...fields: readonly Uint8Array[]): Uint8Array {
  return field(2, concat(...fields));
}

export function entry(...fields: readonly Uint8Array[]): Uint8Array {
  return field(1, concat(...fields));
}

/** An entry as MindSpore writes it. */
export function tensorEntry(
  name: string,
  sizes: readonly (number | bigint)[],
  type: string,
  content: Uint8Array,
): Uint8Array {
  return entry(field(1, name), tensor(dims(...sizes), field(2, type), field(3, content)));
}

export function float32(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

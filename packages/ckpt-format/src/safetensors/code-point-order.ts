/**
 * Compares texts by code points, as Python and the safetensors library do. JavaScript compares UTF-16 units, which
 * differs where a character beyond U+FFFF meets one from U+E000 on.
 */
export function byCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rankOf(left) - rankOf(right);
  }
  return a.length - b.length;
}

/** Puts surrogates (0xd800 to 0xdfff) behind all other units. */
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/**
 * A float32 as numpy prints it: the fewest digits that give the same float32 back, with `.0` behind a whole number and
 * an exponent below 1e-4 and from 1e16 on.
 */
export function float32Text(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const digits = shortest(value);
  const [mantissa = '', exponentText = '0'] = digits.split('e');
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const decimals = Math.max(1, (mantissa.split('.')[1] ?? '').length - exponent);
  return Number(digits).toFixed(decimals);
}

/** In exponential notation. */
function shortest(value: number): string {
  for (let places = 0; places < 8; places++) {
    const text = value.toExponential(places);
    if (Math.fround(Number(text)) === Math.fround(value)) return text;
  }
  return value.toExponential(8);
}

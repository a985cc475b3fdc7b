/** Letters that two names must have in common, of the longer one, to be taken for each other. */
const ALIKE = 0.5;

/** The name most like a wanted one, by what they have in common at both ends; null when none is like it. */
export function nearestName(wanted: string, names: Iterable<string>): string | null {
  let best: { readonly name: string; readonly alike: number } | null = null;
  for (const name of names) {
    const alike = common(wanted, name) / Math.max(wanted.length, name.length, 1);
    if (alike >= ALIKE && alike > (best?.alike ?? 0)) best = { name, alike };
  }
  return best?.name ?? null;
}

/** Letters at the beginning and at the end that are the same, none counted twice. */
function common(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let front = 0;
  while (front < most && a[front] === b[front]) front += 1;
  let back = 0;
  while (back < most - front && a[a.length - 1 - back] === b[b.length - 1 - back]) back += 1;
  return front + back;
}

import type { PlanNote } from './transform-plan.ts';

type Code = PlanNote['code'];

/** What is to be said of names, by what happens to them. */
const WORDS: Readonly<Record<Code, { readonly message: string; readonly isWarning: boolean }>> = {
  'passed-scalar': { message: 'in neither strategy: taken over as stored (numbers and texts)', isWarning: false },
  'passed-unlisted': {
    message:
      'in neither strategy: taken over as stored, one rank’s copy; if the ranks hold slices, the result is wrong',
    isWarning: true,
  },
  'passed-unmerged': {
    message: 'in the source strategy only: each rank takes over the slice of its place, unmerged',
    isWarning: true,
  },
  'passed-whole': {
    message: 'in the destination strategy only: every rank takes it over as stored, uncut',
    isWarning: true,
  },
  'listed-not-found': { message: 'in the strategies, but in no source file: left out', isWarning: true },
  'other-rank': { message: 'not in the file of the rank it belongs to: taken from another rank’s', isWarning: true },
  'left-out': { message: 'texts: a safetensors file holds none, left out', isWarning: true },
};

/** Gathers names under what is to be said of them. */
export class NoteBook {
  readonly #names = new Map<Code, Set<string>>();

  add(code: Code, name: string): void {
    const names = this.#names.get(code);
    if (names === undefined) this.#names.set(code, new Set([name]));
    else names.add(name);
  }

  notes(): readonly PlanNote[] {
    return [...this.#names].map(([code, names]) => ({ code, ...WORDS[code], tensors: [...names] }));
  }
}

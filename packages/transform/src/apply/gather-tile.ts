import type { Box, ByteSource } from '@cairn/bytes';
import { intersection } from '../box.ts';
import { readsTogether } from '../read-span.ts';
import { runsBetween } from '../runs.ts';
import type { RunLoop, Runs } from '../runs.ts';
import type { Take } from '../transform-plan.ts';
import { readSlice } from './slice-reader.ts';
import type { Workspace } from './workspace.ts';

/** A box of a tensor that is put together in memory. */
export interface Tile {
  readonly box: Box;
  /** Address of its first byte. */
  readonly at: number;
  /** Bytes of an element. */
  readonly width: number;
}

/** Reads what a take gives to a tile, and puts it into its place. */
export async function gatherTile(tile: Tile, take: Take, source: ByteSource, workspace: Workspace): Promise<void> {
  const box = intersection(take.box, tile.box);
  if (box === null) return;
  const runs = runsBetween(box, take.from.box, tile.box);
  const [inner, ...outer] = runs.loops;
  const gather = new Gather(tile, take, source, workspace);
  for (const { from, to } of origins(runs, outer)) {
    if (inner === undefined) await gather.run(from, to, runs.run);
    else if (inner.fromStep === runs.run || readsTogether(runs, tile.width)) {
      await gather.rowsTogether(from, to, runs.run, inner);
    } else await gather.rowsApart(from, to, runs.run, inner);
  }
}

/** First elements of the innermost loop, for each turn of the loops around it. */
function* origins({ from, to }: Runs, outer: readonly RunLoop[]): Generator<{ from: number; to: number }, void> {
  const [loop, ...more] = outer.toReversed();
  if (loop === undefined) {
    yield { from, to };
    return;
  }
  for (let i = 0; i < loop.count; i++) {
    const begin = { run: 0, loops: [], from: from + i * loop.fromStep, to: to + i * loop.toStep };
    yield* origins(begin, more.toReversed());
  }
}

class Gather {
  readonly #tile: Tile;
  readonly #take: Take;
  readonly #source: ByteSource;
  readonly #workspace: Workspace;

  constructor(tile: Tile, take: Take, source: ByteSource, workspace: Workspace) {
    this.#tile = tile;
    this.#take = take;
    this.#source = source;
    this.#workspace = workspace;
  }

  /** Elements that lie together on both sides: read to their place. */
  async run(from: number, to: number, run: number): Promise<void> {
    await this.#read(from, this.#tile.at + to * this.#tile.width, run);
  }

  /** Rows far from each other: each is read to its place. */
  async rowsApart(from: number, to: number, run: number, { count, fromStep, toStep }: RunLoop): Promise<void> {
    for (let row = 0; row < count; row++) await this.run(from + row * fromStep, to + row * toStep, run);
  }

  /** Rows near each other: read with what lies between, then copied to their places. */
  async rowsTogether(from: number, to: number, run: number, { count, fromStep, toStep }: RunLoop): Promise<void> {
    const { width, at } = this.#tile;
    const { tileBytes, inAt, rows: kernel } = this.#workspace;
    const fitting = Math.floor((tileBytes / width - run) / fromStep) + 1;
    for (let row = 0; row < count; row += fitting) {
      const rows = Math.min(fitting, count - row);
      await this.#read(from + row * fromStep, inAt, (rows - 1) * fromStep + run);
      const target = at + (to + row * toStep) * width;
      kernel.copyRows(target, inAt, rows, run * width, toStep * width, fromStep * width);
    }
  }

  async #read(from: number, address: number, elements: number): Promise<void> {
    const { width } = this.#tile;
    const into = new Uint8Array(this.#workspace.memory.buffer, address, elements * width);
    await readSlice(this.#source, this.#take.from, width, from * width, into);
  }
}

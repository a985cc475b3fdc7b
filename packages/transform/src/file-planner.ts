import { elementCount } from '@cairn/bytes';
import { layoutCkpt, layoutSafetensors } from '@cairn/ckpt-format';
import type { Layout } from '@cairn/strategy';
import { sliceShape } from '@cairn/strategy';
import type { Box } from '@cairn/bytes';
import { wholeBox } from './box.ts';
import { CutFeeds } from './cut-feeds.ts';
import { cutTensor } from './cut-tensor.ts';
import type { CutTarget } from './cut-tensor.ts';
import { LayoutSlices, ofTensor } from './layout-slices.ts';
import { stagesRead, treatmentOf } from './listing.ts';
import { passEntry } from './pass-entry.ts';
import { NoteBook } from './plan-notes.ts';
import type { TransformRequest } from './plan-transform.ts';
import { catalogueOf } from './source-catalogue.ts';
import type { SourceCatalogue } from './source-catalogue.ts';
import { TensorOrigins } from './tensor-origins.ts';
import { TransformError } from './transform-error.ts';
import type { PassReason, PlanNote, PlannedEntry, PlannedFile } from './transform-plan.ts';

/** What all ranks of a destination stage have in common. */
interface StageWork {
  /** Source stages that are read. */
  readonly stages: ReadonlySet<number>;
  readonly cut: readonly string[];
  readonly passed: readonly { readonly name: string; readonly reason: PassReason }[];
}

/** Plans destination files one by one; what they share is worked out once. */
export class FilePlanner {
  readonly #request: TransformRequest;
  readonly #catalogue: SourceCatalogue;
  readonly #slices = new LayoutSlices();
  readonly #feeds = new CutFeeds(this.#slices);
  readonly #origins: TensorOrigins;
  readonly #book = new NoteBook();
  readonly #work = new Map<number, StageWork>();
  readonly #bytes = new Map<number, number>();

  constructor(request: TransformRequest) {
    this.#request = request;
    this.#catalogue = catalogueOf(request.sources, request.from);
    this.#origins = new TensorOrigins(this.#catalogue, request.from, this.#slices);
  }

  /** What is to be said about the files planned so far. */
  notes(hasStrategies: boolean): readonly PlanNote[] {
    const notes = this.#book.notes();
    // Where nothing is cut, everything is taken over: that is what was asked for.
    return hasStrategies ? notes : notes.filter(({ code }) => !code.startsWith('passed'));
  }

  plan(rank: number): PlannedFile {
    const { from, to, output } = this.#request;
    const devices = to?.devices ?? 1;
    const [stage, local] = [Math.floor(rank / devices), rank % devices];
    const work = this.#workOf(stage);
    const target: CutTarget = { rank, local, opened: new Set() };
    const cut = work.cut.map((name) => this.#cut(name, stage, target));
    const passed = work.passed.flatMap(({ name, reason }) =>
      this.#pass(name, reason, work.stages, local % (from?.devices ?? 1)),
    );
    const entries = [...cut, ...passed];
    if (entries.length === 0) throw nothingFor(rank, stage);
    const name = `rank_${rank}/${output.prefix}${rank}.${output.format}`;
    return { rank, name, format: output.format, bytes: this.#fileBytes(stage, entries), entries };
  }

  #workOf(stage: number): StageWork {
    const known = this.#work.get(stage);
    if (known !== undefined) return known;
    const { from, to } = this.#request;
    const stages = stagesRead(from, to, stage);
    const named = this.#catalogue
      .namesOf(stages)
      .map((name) => ({ name, treatment: treatmentOf(name, from, to, stage) }));
    const cut = named.filter(({ treatment }) => treatment === 'cut').map(({ name }) => name);
    const passed = named.flatMap(({ name, treatment }) =>
      treatment === 'cut' || treatment === 'absent' ? [] : [{ name, reason: treatment }],
    );
    const work = { stages, cut, passed };
    this.#work.set(stage, work);
    this.#noteLost(stage);
    return work;
  }

  /** Listed for the stage, and nowhere to be found. */
  #noteLost(stage: number): void {
    const { from, to } = this.#request;
    for (const name of (to ?? from)?.tensors.keys() ?? []) {
      const isWanted = treatmentOf(name, from, to, stage) === 'cut';
      if (isWanted && !this.#catalogue.byName.has(name)) this.#book.add('listed-not-found', name);
    }
  }

  #cut(name: string, stage: number, target: CutTarget): PlannedEntry {
    const origins = this.#origins.of(name);
    const full = origins[0]?.full ?? [];
    const placement = this.#request.to?.tensors.get(name)?.find((each) => each.stage === stage);
    return cutTensor(name, origins, this.#boxOf(name, placement?.layout, full, target.local), target, this.#feeds);
  }

  #boxOf(name: string, layout: Layout | undefined, full: readonly number[], local: number): Box {
    if (layout === undefined) return wholeBox(full);
    return ofTensor(name, 'destination', () => {
      sliceShape(layout, full);
      return this.#slices.box(layout, full, local);
    });
  }

  #pass(name: string, reason: PassReason, stages: ReadonlySet<number>, local: number): readonly PlannedEntry[] {
    const passed = passEntry(this.#catalogue.byName.get(name) ?? [], stages, local, reason);
    if (passed === null) return [];
    const { entry, fromOtherRank } = passed;
    if (entry.kind === 'text' && this.#request.output.format === 'safetensors') {
      this.#book.add('left-out', name);
      return [];
    }
    if (fromOtherRank) this.#book.add('other-rank', name);
    const isNumber = entry.kind === 'text' || elementCount(entry.shape) <= 1;
    if (reason === 'unlisted') this.#book.add(isNumber ? 'passed-scalar' : 'passed-unlisted', name);
    else this.#book.add(reason === 'source-only' ? 'passed-unmerged' : 'passed-whole', name);
    return [entry];
  }

  /** Files of one stage have the same names and shapes, hence the same size. */
  #fileBytes(stage: number, entries: readonly PlannedEntry[]): number {
    const known = this.#bytes.get(stage);
    if (known !== undefined) return known;
    const { bytes } = this.#request.output.format === 'ckpt' ? layoutCkpt(entries) : layoutSafetensors(entries);
    this.#bytes.set(stage, bytes);
    return bytes;
  }
}

function nothingFor(rank: number, stage: number): TransformError {
  const message = `rank ${rank}: no source file holds a tensor of stage ${stage}: name the strategies of this checkpoint`;
  return new TransformError('refused', message, { rank });
}

import type { Box, ElementType } from '@cairn/bytes';
import type { TensorEntry } from '@cairn/ckpt-format';
import type { Layout } from '@cairn/strategy';
import { fullShape, replicated, sliceShape } from '@cairn/strategy';
import type { Arrangement } from './arrangement.ts';
import { wholeBox } from './box.ts';
import type { LayoutSlices } from './layout-slices.ts';
import { ofTensor } from './layout-slices.ts';
import type { Holding, SourceCatalogue } from './source-catalogue.ts';
import type { StoredSlice } from './transform-plan.ts';

/** One stage's copy of a tensor in the source: how it is cut there, and who holds which slice. */
export interface TensorOrigin {
  readonly stage: number;
  readonly layout: Layout;
  readonly dtype: ElementType;
  /** Full shape of the tensor. */
  readonly full: readonly number[];
  /** Slices by rank within the stage; undefined where no file holds the tensor. */
  readonly slices: readonly (StoredSlice | undefined)[];
}

/** Where the tensors of a source come from, worked out once for all destination ranks. */
export class TensorOrigins {
  readonly #catalogue: SourceCatalogue;
  readonly #from: Arrangement | null;
  readonly #slices: LayoutSlices;
  readonly #origins = new Map<string, readonly TensorOrigin[]>();

  constructor(catalogue: SourceCatalogue, from: Arrangement | null, slices: LayoutSlices) {
    this.#catalogue = catalogue;
    this.#from = from;
    this.#slices = slices;
  }

  /**
   * The stages that have a listed tensor, lowest first: of tied tensors MindSpore takes the copy of the lowest stage
   * (mindspore-formats §5.1).
   */
  of(name: string): readonly TensorOrigin[] {
    let origins = this.#origins.get(name);
    if (origins === undefined) {
      origins = this.#find(name);
      this.#origins.set(name, origins);
    }
    return origins;
  }

  #find(name: string): readonly TensorOrigin[] {
    const holdings = this.#catalogue.byName.get(name) ?? [];
    if (this.#from === null) {
      const axes = holdings[0]?.entry.kind === 'tensor' ? holdings[0].entry.shape.length : 0;
      return this.#origin(name, 0, replicated(axes), holdings);
    }
    return (this.#from.tensors.get(name) ?? []).flatMap(({ stage, layout }) =>
      this.#origin(
        name,
        stage,
        layout,
        holdings.filter((holding) => holding.stage === stage),
      ),
    );
  }

  #origin(name: string, stage: number, layout: Layout, holdings: readonly Holding[]): readonly TensorOrigin[] {
    const tensors = holdings.flatMap(({ source, local, entry }) =>
      entry.kind === 'tensor' ? [{ source, local, entry }] : [],
    );
    const first = tensors[0]?.entry;
    if (first === undefined) return [];
    const full = ofTensor(name, 'source', () => {
      const shape = fullShape(layout, first.shape);
      // Throws where the layout contradicts itself, which fullShape does not look for.
      sliceShape(layout, shape);
      return shape;
    });
    const slices: (StoredSlice | undefined)[] = [];
    for (const { source, local, entry } of tensors) {
      slices[local] = storedSlice(source, entry, this.#slices.box(layout, full, local));
    }
    return [{ stage, layout, dtype: first.dtype, full, slices }];
  }
}

/** An entry as the slice that it holds of its tensor. */
export function storedSlice(source: number, entry: TensorEntry, box: Box = wholeBox(entry.shape)): StoredSlice {
  return { source, box, chunks: entry.chunks, storedAs: entry.storedAs };
}

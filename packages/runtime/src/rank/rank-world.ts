import type { Group } from '@cairn/collectives';
import type { Peers } from '@cairn/graph';
import { CONTEXT_GROUP, MODEL_GROUP } from '@cairn/model';
import { groupPeers } from '@cairn/npu-sim';
import { coordinatesOf, rankAt } from '@cairn/strategy';
import type { ParallelSpec, RankCoordinates } from '@cairn/strategy';

/** In which places the ranks of a group differ from this one. */
export interface Across {
  readonly data?: boolean;
  readonly context?: boolean;
  readonly model?: boolean;
  /** Stages of the group; this rank's own when absent. */
  readonly stages?: readonly number[];
}

/** The ranks of a run around one of them. */
export class RankWorld {
  readonly all: Group;
  readonly parallel: ParallelSpec;
  readonly own: RankCoordinates;
  readonly #groups = new Map<string, Group>();

  constructor(all: Group, parallel: ParallelSpec) {
    this.all = all;
    this.parallel = parallel;
    this.own = coordinatesOf(parallel, all.rank);
  }

  /** Ranks that differ from this one only in the given places, ascending. */
  ranksAcross({ data = false, context = false, model = false, stages = [this.own.stage] }: Across): readonly number[] {
    const { parallel, own } = this;
    const places = (wanted: boolean, size: number, at: number): readonly number[] =>
      wanted ? Array.from({ length: size }, (_, i) => i) : [at];
    return stages.flatMap((stage) =>
      places(data, parallel.dataParallel, own.data).flatMap((d) =>
        places(context, parallel.contextParallel, own.context).flatMap((c) =>
          places(model, parallel.modelParallel, own.model).map((m) =>
            rankAt(parallel, { stage, data: d, context: c, model: m }),
          ),
        ),
      ),
    );
  }

  /** The group of these ranks; the same one for the same ranks. */
  group(ranks: readonly number[]): Group {
    if (ranks.length === this.all.size) return this.all;
    const name = ranks.join(' ');
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const made = this.all.subgroup(name, ranks);
    this.#groups.set(name, made);
    return made;
  }

  /** Whom the program talks to; null when this rank is alone. */
  peers(): Peers | null {
    if (this.all.size === 1) return null;
    return groupPeers({
      world: this.all,
      groups: new Map([
        [MODEL_GROUP, this.group(this.ranksAcross({ model: true }))],
        [CONTEXT_GROUP, this.group(this.ranksAcross({ context: true }))],
      ]),
      onStage: (stage) => rankAt(this.parallel, { ...this.own, stage }),
    });
  }
}

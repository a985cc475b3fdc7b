import type { Inventory, Layout } from '@cairn/strategy';
import type { StrategyLayouts } from '@cairn/strategy/files';

/** How a tensor lies on the devices of one pipeline stage. */
export interface Placement {
  readonly stage: number;
  readonly layout: Layout;
}

/**
 * How the tensors of a checkpoint lie on the ranks of a run: what a merged strategy file says. Rank r is device
 * r mod `devices` of stage r div `devices` (mindspore-formats §4.1).
 */
export interface Arrangement {
  /** Devices of each stage. */
  readonly devices: number;
  readonly stages: number;
  /** Stages that hold a tensor, ascending; tensors that are tied over stages have several. */
  readonly tensors: ReadonlyMap<string, readonly Placement[]>;
}

/** Ranks of an arrangement; null is a complete checkpoint, on one. */
export function ranksOf(arrangement: Arrangement | null): number {
  return arrangement === null ? 1 : arrangement.devices * arrangement.stages;
}

/**
 * The arrangement of a run that was not started: no strategy file is needed. Scalars are not listed: they are the same
 * on every rank, and pass through.
 *
 * @param devices devices of each stage
 */
export function arrangementOf(inventory: Inventory, devices: number, stages: number): Arrangement {
  const listed = inventory.filter(({ role }) => role !== 'scalar');
  const tensors = new Map(
    listed.map(({ name, layout, stages: held }) => [name, held.map((stage) => ({ stage, layout }))] as const),
  );
  return { devices, stages, tensors };
}

/** The arrangement that strategy files tell. */
export function arrangementOfStrategy({ stages, stageRanks, tensors }: StrategyLayouts): Arrangement {
  const listed = Array.from(tensors, ([name, { byStage }]) => {
    const placements = Array.from(byStage, ([stage, layout]) => ({ stage, layout }));
    return [name, placements.toSorted((a, b) => a.stage - b.stage)] as const;
  });
  return { devices: stageRanks, stages, tensors: new Map(listed) };
}

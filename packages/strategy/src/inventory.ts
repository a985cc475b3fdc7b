import type { ElementType } from '@cairn/bytes';
import type { Layout } from './layout.ts';

/** What an entry of a checkpoint is for: a trained parameter, optimizer state shaped like one, or a single number. */
export type InventoryRole = 'weight' | 'state' | 'scalar';

/** One entry of the full list of what a checkpoint of a run holds, whatever ranks it is spread over. */
export interface InventoryEntry {
  readonly name: string;
  /** Full shape, before any cut, e.g. [32000, 4096]. */
  readonly shape: readonly number[];
  /** Element type in the file. */
  readonly dtype: ElementType;
  readonly layout: Layout;
  readonly role: InventoryRole;
  /** Pipeline stages that hold it, ascending, e.g. [0]; tied parameters are held by several. */
  readonly stages: readonly number[];
}

/**
 * The full list of what a checkpoint holds, in the order in which the entries are written.
 *
 * Independent of the number of ranks: layouts are functions of the rank, so 1,024 ranks cost no more than one.
 */
export type Inventory = readonly InventoryEntry[];

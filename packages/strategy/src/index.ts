export type { Inventory, InventoryEntry, InventoryRole } from './inventory.ts';
export { replicated } from './layout.ts';
export type { Layout } from './layout.ts';

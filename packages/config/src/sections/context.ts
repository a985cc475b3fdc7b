import { z } from 'zod';
import type { Keys } from '../keys/key.ts';
import { key } from '../keys/key.ts';
import type { Leaf } from '../keys/leaf.ts';
import { lazy, text, whole } from '../keys/leaf.ts';
import { graphMode } from './modes.ts';

/** MindSpore's context: of it, Cairn's devices have a memory size and a number. */
export interface ContextConfig {
  readonly mode: 0 | 1;
  readonly device_target: string;
  readonly device_id: number;
  readonly max_device_memory: string;
}

/** A size such as "58GB". */
const memorySize: Leaf<string> = {
  schema: lazy(() => z.string().regex(/^\s*\d+(?:\.\d+)?\s*[GMK]i?B\s*$/i)),
  rule: 'a size such as "58GB"',
  example: '"58GB"',
};

/** How the context section is read (template of behaviour §4.2). */
export const contextKeys: Keys<ContextConfig> = {
  mode: key(graphMode, 0, 'Graph (0) or PyNative (1) mode; both run the same program here.'),
  device_target: key(text, 'Ascend', 'Device family; every one is simulated alike.'),
  device_id: key(whole(0), 0, 'Number of the device on its host.'),
  max_device_memory: key(memorySize, '58GB', 'Memory one device may hold.'),
};

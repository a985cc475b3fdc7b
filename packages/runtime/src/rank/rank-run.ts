import type { Group } from '@cairn/collectives';
import type { ValidConfig } from '@cairn/config';
import type { EventBody } from '@cairn/events';

/** What one rank needs to train. */
export interface RankRun {
  readonly valid: ValidConfig;
  readonly runId: string;
  readonly cwd: string;
  /** Path of the configuration file, for paths relative to it. */
  readonly configFile: string;
  readonly world: Group;
  readonly emit: (event: EventBody) => void;
  readonly signal: AbortSignal;
}

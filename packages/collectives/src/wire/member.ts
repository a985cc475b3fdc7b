import type { SharedFileName } from './shared-file.ts';

/** A rank as it makes itself known. */
export interface Member {
  readonly rank: number;
  readonly pid: number;
  /** Host, and start of its kernel: hosts may share a name. */
  readonly host: string;
  /** Unix socket that it listens on; null when it has none. */
  readonly unix: string | null;
  readonly tcp: { readonly host: string; readonly port: number };
}

/** Whether somebody says who it is as a member does. */
export function isMember(value: unknown): value is Member {
  if (typeof value !== 'object' || value === null) return false;
  const { rank, pid, host, unix, tcp }: Partial<Record<keyof Member, unknown>> = value;
  const isPath = unix === null || typeof unix === 'string';
  const isTcp = typeof tcp === 'object' && tcp !== null && 'host' in tcp && 'port' in tcp;
  return Number.isInteger(rank) && Number.isInteger(pid) && typeof host === 'string' && isPath && isTcp;
}

/** Whether somebody names a shared file. */
export function isSharedFileName(value: unknown): value is SharedFileName {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, descriptor, mark }: Partial<Record<keyof SharedFileName, unknown>> = value;
  return Number.isInteger(pid) && Number.isInteger(descriptor) && typeof mark === 'string' && mark.length <= 64;
}

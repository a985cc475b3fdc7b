import type { Frame } from './frame.ts';
import type { Wire } from './wire.ts';

/** Channel on which processes agree before they are a group. */
export const TALK = 'talk';

/** Says something that is plain data. */
export function tell(wire: Wire, value: unknown): void {
  wire.send({ type: 'inline', channel: TALK, bytes: plainBytes(value) });
}

/** What {@link tell} said; null when the frame is something else. Who said it may be anybody: check what is in it. */
export function told(frame: Frame): Readonly<Record<string, unknown>> | null {
  return frame.type === 'inline' && frame.channel === TALK ? plainValue(frame.bytes) : null;
}

export function plainBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The fields of plain data; null when the bytes are something else. */
export function plainValue(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Who ended a world, and why. */
export interface Cause {
  /** Null when it is the rendezvous. */
  readonly rank: number | null;
  readonly why: string;
}

/** What a leave says of its cause; null when there is none. */
export function causeOf(bytes: Uint8Array): Cause | null {
  const cause = plainValue(bytes)?.['cause'];
  if (typeof cause !== 'object' || cause === null || !('rank' in cause) || !('why' in cause)) return null;
  return { rank: typeof cause.rank === 'number' ? cause.rank : null, why: String(cause.why) };
}

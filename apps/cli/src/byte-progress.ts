import type { ByteSource } from '@cairn/bytes';
import type { SingleBar } from 'cli-progress';
import type { Output } from './output.ts';

/** A bar is shown once work has taken this long. */
const QUIET_MS = 1000;
/** Less than this is done before a bar could be shown. */
const MIN_BYTES = 64 * 2 ** 20;

/** Tells on a terminal how much of a large amount of bytes has been read. */
export interface ByteProgress {
  /** Counts what is read from a source. */
  readonly counted: (source: ByteSource) => ByteSource;
  readonly add: (bytes: number) => void;
  /** Takes the bar away; it comes back when more is read. */
  close(): void;
}

/** @param bytes how many there are to read; read again they count again */
export async function byteProgress({ terminal }: Pick<Output, 'terminal'>, bytes: number): Promise<ByteProgress> {
  const bar = terminal && bytes >= MIN_BYTES ? await drawnBar() : null;
  const begin = Date.now();
  let done = 0;
  let shown = false;
  const add = (more: number): void => {
    done += more;
    if (bar === null || (!shown && Date.now() - begin < QUIET_MS)) return;
    const total = bytes * Math.ceil(done / bytes);
    if (!shown) bar.start(total, done, { rate: '' });
    shown = true;
    bar.setTotal(total);
    bar.update(done, { rate: `${Math.round(done / 1000 / (Date.now() - begin))} MB/s` });
  };
  return {
    add,
    counted: (source) => ({
      size: source.size,
      read: (offset, into) => {
        add(into.length);
        return source.read(offset, into);
      },
    }),
    close: () => {
      if (shown) bar?.stop();
      shown = false;
    },
  };
}

async function drawnBar(): Promise<SingleBar> {
  const { default: progress } = await import('cli-progress');
  const format = '{bar} {percentage}%  {rate}  {eta_formatted} left';
  return new progress.SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, fps: 10 },
    progress.Presets.shades_classic,
  );
}

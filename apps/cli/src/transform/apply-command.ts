import { applyTransformation, eachModel, planOptions } from '@cairn/runtime/transform';
import type { Applied, Transformation } from '@cairn/runtime/transform';
import { TransformError } from '@cairn/transform';
import type { TransformArgv, TransformOptions } from '@cairn/transform';
import { byteProgress } from '../byte-progress.ts';
import { interruptSignal } from '../interrupt-signal.ts';
import type { Output } from '../output.ts';
import { noteLines } from '../render/transform-notes.ts';
import { countText, sizeText } from '../render/size-text.ts';
import { readStoredPlan } from './plan-json.ts';
import { startProcesses } from './start-processes.ts';
import { writeMarkers } from './write-markers.ts';

/** What is done, and the plan it must still be. */
interface Order {
  readonly options: TransformOptions;
  readonly storedId: string | null;
}

/** @returns the exit code */
export async function applyCommand(parsed: TransformArgv, output: Output): Promise<number> {
  if (parsed.form === 'positional') return startProcesses(parsed.options, output);
  const signal = interruptSignal();
  for (const order of await ordersOf(parsed)) {
    await writeMarkers(order.options, async () => applyOne(order, signal, output));
  }
  return 0;
}

async function ordersOf(parsed: Exclude<TransformArgv, { form: 'positional' }>): Promise<readonly Order[]> {
  if (parsed.form === 'flags') return eachModel(parsed.options).map((options) => ({ options, storedId: null }));
  const { id, options } = await readStoredPlan(parsed.file);
  const { processNum, memoryBytes } = parsed;
  return [{ options: { ...options, processNum: processNum ?? options.processNum, memoryBytes }, storedId: id }];
}

async function applyOne({ options, storedId }: Order, signal: AbortSignal, output: Output): Promise<void> {
  const transformation = await planOptions(options);
  const { plan, warnings, id } = transformation;
  if (storedId !== null && storedId !== id) {
    throw new TransformError(
      'source-changed',
      'a source or a strategy has changed since the plan was made: plan again',
    );
  }
  for (const line of noteLines(plan, warnings)) output.say(line);
  const progress = await byteProgress(output, plan.cost.writeBytes);
  const begin = performance.now();
  try {
    const { processNum: jobs, memoryBytes } = options;
    const applied = await applyTransformation(transformation, { jobs, memoryBytes, signal, onBytes: progress.add });
    progress.close();
    tell(applied, performance.now() - begin, transformation, output);
  } finally {
    progress.close();
  }
}

function tell(applied: Applied, ms: number, { destination, id }: Transformation, output: Output): void {
  const { files, readBytes, writtenBytes, keptBytes } = applied;
  if (output.json) {
    const names = files.map(({ name, bytes }) => ({ name, bytes }));
    output.data(JSON.stringify({ ok: true, id, destination, readBytes, writtenBytes, keptBytes, ms, files: names }));
    return;
  }
  const rate = ms > 0 ? `, ${sizeText((writtenBytes / ms) * 1000)}/s` : '';
  const kept = keptBytes === 0 ? '' : `; ${sizeText(keptBytes)} were there already`;
  output.say(
    `${destination}: ${countText(files.length, 'file')}, ${sizeText(writtenBytes)} in ${(ms / 1000).toFixed(1)} s${rate}${kept}`,
  );
}

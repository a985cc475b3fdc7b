import { applyTransformation, planOptions } from '@cairn/runtime/transform';
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

/** @returns the exit code */
export async function applyCommand(parsed: TransformArgv, output: Output): Promise<number> {
  if (parsed.form === 'positional') return startProcesses(parsed.options, output);
  const { options, transformation } = await transformationOf(parsed);
  const { plan, destination, warnings } = transformation;
  for (const line of noteLines(plan, warnings)) output.say(line);
  const progress = await byteProgress(output, plan.cost.writeBytes);
  const begin = performance.now();
  try {
    const { processNum: jobs, memoryBytes } = options;
    const applied = await writeMarkers(options, destination, async () =>
      applyTransformation(transformation, { jobs, memoryBytes, signal: interruptSignal(), onBytes: progress.add }),
    );
    progress.close();
    tell(applied, performance.now() - begin, transformation, output);
    return 0;
  } finally {
    progress.close();
  }
}

async function transformationOf(
  parsed: Exclude<TransformArgv, { form: 'positional' }>,
): Promise<{ options: TransformOptions; transformation: Transformation }> {
  if (parsed.form === 'flags') return { options: parsed.options, transformation: await planOptions(parsed.options) };
  const { id, options: stored } = await readStoredPlan(parsed.file);
  const { processNum, memoryBytes } = parsed;
  const options = { ...stored, processNum: processNum ?? stored.processNum, memoryBytes };
  const transformation = await planOptions(options);
  if (transformation.id === id) return { options, transformation };
  const message = `${parsed.file}: a source or a strategy has changed since the plan was made: plan again`;
  throw new TransformError('source-changed', message, { file: parsed.file });
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

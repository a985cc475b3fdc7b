import path from 'node:path';
import type { Folder } from '@cairn/bytes';
import type { Group } from '@cairn/collectives';
import type { CheckpointName, Proof } from '@cairn/ckpt-format/folder';
import { formatCheckpointName, nextRun, rankFolder, sideFileName } from '@cairn/ckpt-format/folder';
import type { EventBody } from '@cairn/events';
import { isSaveDue, namedPosition, toPrune } from '@cairn/resume';
import type { KeptSave, LastSave, TrainingSpan } from '@cairn/resume';
import { localFolder } from '@cairn/storage';
import { weightFoldersOf } from '../settings/save-settings.ts';
import { saveContents } from './checkpoint-entries.ts';
import type { ContentRules, SavedState } from './checkpoint-entries.ts';
import type { CheckpointWriter, WrittenSave } from './checkpoint-writer.ts';
import type { SealSettings } from './sealed-files.ts';

export interface KeeperOptions extends ContentRules {
  /** Absolute path of the folder above `checkpoint/`. */
  readonly root: string;
  /** All ranks of the run, which save together. */
  readonly world: Group;
  readonly span: TrainingSpan;
  readonly globalBatchSize: number;
  readonly writer: CheckpointWriter;
  readonly seal: SealSettings | null;
  readonly runId: string;
  readonly parentRun: string | null;
  readonly emit: (event: EventBody) => void;
  readonly nowMs: () => number;
}

/** A wait for the save before that is told as a stall. */
const STALL_MS = 1000;

/** How a save ended. */
type Outcome = { readonly written: WrittenSave } | { readonly error: unknown };

/** A save that has begun. */
interface PendingSave {
  readonly kept: KeptSave;
  readonly outcome: Promise<Outcome>;
  failed: boolean;
}

/** Has the checkpoints of one rank of one run written, and removes those that are no longer kept. */
export class CheckpointKeeper {
  readonly #options: KeeperOptions;
  readonly #folder: Folder;
  readonly #run: number;
  #last: LastSave;
  #kept: KeptSave[] = [];
  #pending: PendingSave | null = null;

  private constructor(options: KeeperOptions, folder: Folder, run: number) {
    this.#options = options;
    this.#folder = folder;
    this.#run = run;
    this.#last = { done: 0, atMs: options.nowMs() };
  }

  /** Looks which files earlier runs left, so that this run's have names of their own. */
  static async open(options: KeeperOptions): Promise<CheckpointKeeper> {
    const folder = localFolder(options.root);
    const own = `checkpoint/${rankFolder(options.world.rank)}/`;
    const names = (await folder.list(own)).map(({ name }) => name.slice(own.length));
    return new CheckpointKeeper(
      options,
      folder,
      nextRun(`${options.settings.prefix}_rank_${options.world.rank}`, names),
    );
  }

  /** Saves if it is time to. Called after each step, or each sink. */
  async afterStep(state: SavedState, done: number, final: boolean): Promise<void> {
    const atMs = await this.#agreedNow();
    if (this.#pending?.failed) await this.#settle();
    if (isSaveDue(this.#options.settings.policy, this.#last, { done, atMs, final })) {
      await this.#awaitTurn();
      this.#begin(state, done, atMs);
      if (!this.#options.writer.inBackground) await this.#settle();
    }
    if (final) await this.#settle();
  }

  /** Lets a save that is under way end; training has ended already, for whatever reason. */
  async close(): Promise<void> {
    const outcome = await this.#pending?.outcome;
    if (outcome && 'error' in outcome) {
      const message = `the save under way failed: ${outcome.error instanceof Error ? outcome.error.message : ''}`;
      this.#options.emit({ type: 'warning', code: 'save-failed', message, place: this.#options.root });
    }
    await this.#options.writer.close();
  }

  /** The time of rank 0, so that all ranks save, and prune, at the same steps. */
  async #agreedNow(): Promise<number> {
    const { world, nowMs } = this.#options;
    const told = await world.broadcast(new Uint8Array(Float64Array.of(nowMs()).buffer), 0);
    return new Float64Array(told.slice().buffer)[0] ?? NaN;
  }

  /** A save never overtakes the one before: it waits until that is durable, and older ones are pruned. */
  async #awaitTurn(): Promise<void> {
    const { nowMs, emit } = this.#options;
    const begin = nowMs();
    await this.#settle();
    const ms = nowMs() - begin;
    if (ms >= STALL_MS) emit({ type: 'stall', of: 'save', ms });
  }

  #begin(state: SavedState, done: number, atMs: number): void {
    const { settings, span, globalBatchSize, emit, nowMs, root, expected, writer, seal } = this.#options;
    const begin = nowMs();
    this.#last = { done, atMs };
    const step = span.initialStep + done;
    const position = namedPosition(span, done);
    const { prefix, format } = settings;
    const name: CheckpointName = { prefix, rank: this.#options.world.rank, run: this.#run, ...position, format };
    const where = { path: this.#pathOf(name), epoch: position.epoch, step };
    emit({ type: 'checkpoint-saving', ...where, globalStep: state.progress.globalStep });
    const kept = { file: path.relative(root, where.path).replaceAll(path.sep, '/'), step, savedMs: atMs };
    const prunes = toPrune(settings.retention, [...this.#kept, kept]).length > 0;
    const save = {
      name,
      contents: saveContents(state, this.#options, { epoch: position.epoch, step, globalBatchSize }),
      reduced: settings.reduced,
      weightFolders: weightFoldersOf(settings),
      side: this.#side(state, done, position.epoch),
      seal,
    };
    const order = { root, save, prove: prunes ? { ...expected, reduced: settings.reduced } : null };
    const written = writer.write(order).then((saved): Outcome => {
      const network = saved.weights[0] === undefined ? null : path.join(root, saved.weights[0]);
      emit({ type: 'checkpoint-saved', ...where, network, bytes: saved.bytes, ms: nowMs() - begin });
      return { written: saved };
    });
    const pending: PendingSave = {
      kept,
      failed: false,
      outcome: written.catch((error: unknown) => {
        pending.failed = true;
        return { error };
      }),
    };
    this.#pending = pending;
  }

  /** Waits until the save under way is durable; all ranks do at the same step, and then prune. */
  async #settle(): Promise<void> {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    const outcome = await pending.outcome;
    if ('error' in outcome) throw outcome.error;
    this.#kept.push(pending.kept);
    if (outcome.written.proof !== null) await this.#prune(outcome.written.proof);
  }

  #side(state: SavedState, done: number, epoch: number) {
    const { span, runId, parentRun } = this.#options;
    const { lossScale } = state.progress;
    return {
      runId,
      parentRun,
      step: span.initialStep + done,
      epoch,
      dataSteps: span.skip + done,
      sinkSize: span.sinkSize,
      lossScale,
    };
  }

  #pathOf(name: CheckpointName): string {
    return path.join(this.#options.root, 'checkpoint', rankFolder(name.rank), formatCheckpointName(name));
  }

  /** Only after the newest save has been read back and proven whole, on every rank, do older ones go. */
  async #prune(proof: Proof): Promise<void> {
    const { settings, emit, root, world } = this.#options;
    const newest = this.#kept.at(-1);
    if (newest !== undefined && !proof.whole) {
      const message = `${newest.file} was read back damaged (${proof.why}), so no older checkpoint is removed`;
      emit({ type: 'warning', code: 'save-damaged', message, place: root });
    }
    const whole = await world.allGather(Uint8Array.of(Number(proof.whole)));
    if (whole.some(([each]) => each !== 1)) {
      // A save that is damaged anywhere counts nowhere, so that the ranks go on pruning alike.
      this.#kept.pop();
      return;
    }
    const gone = toPrune(settings.retention, this.#kept);
    for (const { file } of gone) {
      const weights = weightFoldersOf(settings).map((each) => file.replace(/^checkpoint\//, `${each}/`));
      for (const name of [file, sideFileName(file), ...weights]) await this.#folder.remove(name);
      emit({ type: 'checkpoint-pruned', path: path.join(root, file), reason: 'newer ones are kept' });
    }
    this.#kept = this.#kept.filter((save) => !gone.includes(save));
  }
}

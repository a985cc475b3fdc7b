import path from 'node:path';
import type { Folder } from '@cairn/bytes';
import type { Group } from '@cairn/collectives';
import type { CheckpointName, ExpectedEntry } from '@cairn/ckpt-format/folder';
import { formatCheckpointName, nextRun, rankFolder, sideFileName } from '@cairn/ckpt-format/folder';
import type { EventBody } from '@cairn/events';
import { isSaveDue, namedPosition, toPrune } from '@cairn/resume';
import type { KeptSave, LastSave, TrainingSpan } from '@cairn/resume';
import { localFolder } from '@cairn/storage';
import type { SaveSettings } from '../settings/save-settings.ts';
import { proveFile } from './checkpoint-file.ts';
import { fullEntries, weightEntries } from './checkpoint-entries.ts';
import type { RankState } from './rank-state.ts';
import { saveCheckpoint } from './save-checkpoint.ts';
import type { SealSettings } from './sealed-files.ts';

export interface KeeperOptions {
  readonly settings: SaveSettings;
  /** Absolute path of the folder above `checkpoint/`. */
  readonly root: string;
  /** All ranks of the run, which save together. */
  readonly world: Group;
  readonly span: TrainingSpan;
  readonly globalBatchSize: number;
  /** Entries a whole checkpoint holds. */
  readonly expected: ReadonlyMap<string, ExpectedEntry>;
  readonly dynamicLossScale: boolean;
  readonly seal: SealSettings | null;
  readonly runId: string;
  readonly parentRun: string | null;
  readonly emit: (event: EventBody) => void;
  readonly nowMs: () => number;
}

/** Writes the checkpoints of one rank of one run, and removes those that are no longer kept. */
export class CheckpointKeeper {
  readonly #options: KeeperOptions;
  readonly #folder: Folder;
  readonly #run: number;
  #last: LastSave;
  #kept: KeptSave[] = [];

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
  async afterStep(state: RankState, done: number, final: boolean): Promise<void> {
    const atMs = await this.#agreedNow();
    if (isSaveDue(this.#options.settings.policy, this.#last, { done, atMs, final }))
      await this.#save(state, done, atMs);
  }

  /** The time of rank 0, so that all ranks save, and prune, at the same steps. */
  async #agreedNow(): Promise<number> {
    const { world, nowMs } = this.#options;
    const told = await world.broadcast(new Uint8Array(Float64Array.of(nowMs()).buffer), 0);
    return new Float64Array(told.slice().buffer)[0] ?? NaN;
  }

  async #save(state: RankState, done: number, atMs: number): Promise<void> {
    const { settings, span, globalBatchSize, emit, nowMs, root, dynamicLossScale } = this.#options;
    const begin = nowMs();
    this.#last = { done, atMs };
    const step = span.initialStep + done;
    const position = namedPosition(span, done);
    const name: CheckpointName = {
      prefix: settings.prefix,
      rank: this.#options.world.rank,
      run: this.#run,
      ...position,
      format: settings.format,
    };
    const where = { path: this.#pathOf(name), epoch: position.epoch, step };
    emit({ type: 'checkpoint-saving', ...where, globalStep: state.progress.globalStep });
    const saved = await saveCheckpoint(this.#folder, {
      name,
      entries: fullEntries(state, dynamicLossScale, { epoch: position.epoch, step, globalBatchSize }),
      weights: { folders: this.#weightFolders(), entries: weightEntries(state, 'model') },
      side: this.#side(state, done, position.epoch),
      seal: this.#options.seal,
    });
    const network = saved.weights[0] === undefined ? null : path.join(root, saved.weights[0]);
    emit({ type: 'checkpoint-saved', ...where, network, bytes: saved.bytes, ms: nowMs() - begin });
    this.#kept.push({ file: saved.checkpoint, step, savedMs: atMs });
    await this.#prune();
  }

  #weightFolders(): readonly string[] {
    const { monitor } = this.#options.settings;
    return [
      ...(monitor.save_network_params ? ['checkpoint_network'] : []),
      ...(monitor.save_trainable_params ? ['checkpoint_trainable'] : []),
    ];
  }

  #side(state: RankState, done: number, epoch: number) {
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
  async #prune(): Promise<void> {
    const { settings, emit, root, expected, seal, world } = this.#options;
    const gone = toPrune(settings.retention, this.#kept);
    const newest = this.#kept.at(-1);
    if (gone.length === 0 || newest === undefined) return;
    const proof = await proveFile(path.join(root, newest.file), expected, seal);
    if (!proof.whole) {
      const message = `${newest.file} was read back damaged (${proof.why}), so no older checkpoint is removed`;
      emit({ type: 'warning', code: 'save-damaged', message, place: root });
      this.#kept = this.#kept.filter((save) => save !== newest);
    }
    const whole = await world.allGather(Uint8Array.of(Number(proof.whole)));
    if (whole.some(([each]) => each !== 1)) return;
    for (const { file } of gone) {
      const weights = this.#weightFolders().map((each) => file.replace(/^checkpoint\//, `${each}/`));
      for (const name of [file, sideFileName(file), ...weights]) await this.#folder.remove(name);
      emit({ type: 'checkpoint-pruned', path: path.join(root, file), reason: 'newer ones are kept' });
    }
    this.#kept = this.#kept.filter((save) => !gone.includes(save));
  }
}

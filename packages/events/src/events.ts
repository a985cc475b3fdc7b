/**
 * What happens in a run, as one closed union. Numbers carry their unit in the name; a loss, a norm or a
 * scale may be NaN or infinite (the codec writes those as strings, see `./codec.ts`).
 */

/** Fields every event carries. `seq` is dense in its record, beginning at 0. */
interface EventCommon {
  readonly runId: string;
  readonly seq: number;
  /** Unix time of the event in milliseconds. */
  readonly atMs: number;
  /** The rank that produced the event; absent for events of the run as a whole. */
  readonly rank?: number | undefined;
  /** Dense number of the event within its rank, beginning at 0. */
  readonly rankSeq?: number | undefined;
}

/** A run begins; first event of its record. */
export interface RunStarted extends EventCommon {
  readonly type: 'run-started';
  /** What is done: train, finetune, predict, eval. */
  readonly mode: string;
  /** Ranks of the run. */
  readonly worldSize: number;
  /** The run this one resumes, when the checkpoint says so. */
  readonly parentRun: string | null;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  /** Steps of one sink, after which a line for people appears; null when data sinking is off. */
  readonly sinkSize: number | null;
  /** Steps (or sinks) between two lines for people. */
  readonly printEvery: number;
  /** Rows per optimizer step over all ranks. */
  readonly globalBatchSize: number;
  readonly seqLength: number;
  /** Digest of the validated configuration. */
  readonly configDigest: string;
}

/** A rank's process is up. */
export interface RankStarted extends EventCommon {
  readonly type: 'rank-started';
  readonly host: string;
  readonly pid: number;
}

/** A rank's process has ended; exactly one of `exitCode` and `signal` is given. */
export interface RankExited extends EventCommon {
  readonly type: 'rank-exited';
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** A stage's program is being compiled for the device. */
export interface CompileStarted extends EventCommon {
  readonly type: 'compile-started';
  readonly stage: number;
}

/** The program of a stage is ready to run. */
export interface CompileFinished extends EventCommon {
  readonly type: 'compile-finished';
  readonly stage: number;
  readonly ms: number;
  readonly segments: number;
  readonly operators: number;
  /** Elements in the parameters of this rank. */
  readonly parameters: number;
  /** Bytes the device account holds for parameters, gradients, optimizer state and kept activations. */
  readonly deviceBytes: number;
}

/** One saved checkpoint that was looked at when deciding where to continue, and what became of it. */
export interface ResumeReason {
  readonly rank: number | null;
  readonly file: string;
  readonly verdict: 'taken' | 'rejected' | 'not-needed';
  readonly why: string;
}

/** From where training continues, and why from there. */
export interface ResumeDecided extends EventCommon {
  readonly type: 'resume-decided';
  /** Path of this rank's checkpoint, or null when training starts at step 1. */
  readonly from: string | null;
  readonly epoch: number;
  readonly step: number;
  /** What saved steps were multiplied by: the old global batch size over the new one. */
  readonly stepScale: number;
  readonly reasons: readonly ResumeReason[];
}

/** A checkpoint is in the memory of the device. */
export interface CheckpointLoaded extends EventCommon {
  readonly type: 'checkpoint-loaded';
  readonly path: string;
  readonly bytes: number;
  readonly ms: number;
}

/** Batches of the data set are passed over, because they were trained before. */
export interface DataSkipped extends EventCommon {
  readonly type: 'data-skipped';
  readonly steps: number;
  readonly samples: number;
  /** Rows of the current epoch that will be trained a second time. */
  readonly repeated: number;
  /** Rows of the current epoch that no step will see. */
  readonly leftOut: number;
}

/** One optimizer step is done. */
export interface Step extends EventCommon {
  readonly type: 'step';
  /** 1-based. */
  readonly epoch: number;
  /** 1-based. */
  readonly stepInEpoch: number;
  /** 1-based step of the whole run, counted across resumes. */
  readonly step: number;
  /** Rows seen since step 1. */
  readonly samples: number;
  readonly loss: number;
  /** The learning rate this step used. */
  readonly lr: number;
  /** The loss scale after this step's update. */
  readonly lossScale: number;
  readonly overflow: boolean;
  /** Global gradient norm before clipping. */
  readonly globalNorm: number;
  readonly stepMs: number;
  readonly gradientsMs: number;
  readonly tokensPerSec: number;
}

/** Something has kept the run waiting. */
export interface Stall extends EventCommon {
  readonly type: 'stall';
  /** What was waited for. */
  readonly of: 'collective' | 'save' | 'data';
  readonly ms: number;
}

/** A save begins. */
export interface CheckpointSaving extends EventCommon {
  readonly type: 'checkpoint-saving';
  readonly path: string;
  /** Epoch, or number of sinks, that the file records. */
  readonly epoch: number;
  /** Steps trained. */
  readonly step: number;
  /** Updates applied. */
  readonly globalStep: number;
}

/** The files of one save are durable. */
export interface CheckpointSaved extends EventCommon {
  readonly type: 'checkpoint-saved';
  readonly path: string;
  /** File of the weights alone, saved in the same commit. */
  readonly network: string | null;
  readonly epoch: number;
  readonly step: number;
  readonly bytes: number;
  readonly ms: number;
}

/** A strategy file was written: which slice of each tensor which rank holds. */
export interface StrategySaved extends EventCommon {
  readonly type: 'strategy-saved';
  readonly path: string;
}

/** How a checkpoint is cut anew for this run is known; nothing is written yet. */
export interface TransformPlanned extends EventCommon {
  readonly type: 'transform-planned';
  /** The checkpoint, as the configuration names it. */
  readonly source: string;
  readonly destination: string;
  /** Files that this rank writes, and bytes it reads and writes for them. */
  readonly files: number;
  readonly readBytes: number;
  readonly writeBytes: number;
}

/** How far a rank is with its part; often enough for a bar. */
export interface TransformProgress extends EventCommon {
  readonly type: 'transform-progress';
  readonly writtenBytes: number;
  readonly writeBytes: number;
}

/** A rank has written its part; the digests lie beside the files. */
export interface TransformFinished extends EventCommon {
  readonly type: 'transform-finished';
  readonly destination: string;
  readonly files: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly ms: number;
}

/** An older save was removed. */
export interface CheckpointPruned extends EventCommon {
  readonly type: 'checkpoint-pruned';
  readonly path: string;
  readonly reason: string;
}

/** A file that looks like a save cannot be used. */
export interface CheckpointRejected extends EventCommon {
  readonly type: 'checkpoint-rejected';
  readonly path: string;
  readonly reason: string;
}

/** A rank died; `lastWords` is the end of what it wrote to standard error. */
export interface RankLost extends EventCommon {
  readonly type: 'rank-lost';
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly lastStep: number | null;
  readonly lastWords: string;
}

/** Something a person should know. */
export interface Warning extends EventCommon {
  readonly type: 'warning';
  readonly code: string;
  readonly message: string;
  /** Where it comes from: `file:line:column`, a path, or empty. */
  readonly place: string;
}

/** The run has done what it was asked for. */
export interface RunFinished extends EventCommon {
  readonly type: 'run-finished';
  readonly steps: number;
  readonly finalLoss: number | null;
}

/** The run ended early. `exitCode` is the process exit code of the table in docs/errors.md. */
export interface RunFailed extends EventCommon {
  readonly type: 'run-failed';
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
  readonly failedRank: number | null;
  readonly tensor: string | null;
  readonly file: string | null;
  readonly byte: number | null;
}

/** Everything that can happen in a run. */
export type TrainingEvent =
  | RunStarted
  | RankStarted
  | RankExited
  | CompileStarted
  | CompileFinished
  | ResumeDecided
  | CheckpointLoaded
  | DataSkipped
  | Step
  | Stall
  | CheckpointSaving
  | CheckpointSaved
  | StrategySaved
  | TransformPlanned
  | TransformProgress
  | TransformFinished
  | CheckpointPruned
  | CheckpointRejected
  | RankLost
  | Warning
  | RunFinished
  | RunFailed;

type WithoutCommon<E> = E extends TrainingEvent ? Omit<E, keyof EventCommon> : never;

/** An event before the record gives it its run, number and time. */
export type EventBody = WithoutCommon<TrainingEvent>;

/** Whether an event ends its run; a run has exactly one such event. */
export function isTerminal(event: TrainingEvent): event is RunFinished | RunFailed {
  return event.type === 'run-finished' || event.type === 'run-failed';
}

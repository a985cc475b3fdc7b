export { decodeEvent, encodeEvent, encodeSse, EventCodecError, isEventCodecError, lineSplitter } from './codec.ts';
export { isTerminal } from './events.ts';
export type {
  CheckpointLoaded,
  CheckpointPruned,
  CheckpointRejected,
  CheckpointSaved,
  CheckpointSaving,
  CompileFinished,
  CompileStarted,
  DataSkipped,
  EventBody,
  RankExited,
  RankLost,
  RankStarted,
  ResumeDecided,
  ResumeReason,
  RunFailed,
  RunFinished,
  RunStarted,
  Stall,
  Step,
  StrategySaved,
  TrainingEvent,
  Warning,
} from './events.ts';
export { TrainingEventSchema } from './schema.ts';

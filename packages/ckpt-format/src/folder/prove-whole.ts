import type { ByteSource, ElementType } from '@cairn/bytes';
import { TensorDigest } from '@cairn/bytes';
import type { CheckpointFormat, CheckpointIndex, TensorEntry } from '../checkpoint-index.ts';
import { isCkptError } from '../ckpt-error.ts';
import { indexCheckpoint } from '../index-checkpoint.ts';
import { readTensor } from '../read-tensor.ts';
import { verifyCrc } from '../verify-crc.ts';
import type { SideFile, StoredDigest } from './side-file.ts';

/** What an entry of a file should be. */
export interface ExpectedEntry {
  readonly dtype: ElementType;
  /** Shape in the file: of the slice, where the file holds one. */
  readonly shape: readonly number[];
}

export interface ProofOptions {
  readonly format: CheckpointFormat;
  /** Entries the file must hold, by name; null = not known. */
  readonly expected: ReadonlyMap<string, ExpectedEntry> | null;
  readonly side: SideFile | null;
}

/** Whether a checkpoint file is whole, and if not, what is wrong and where. */
export type Proof =
  | {
      readonly whole: true;
      /** What the proof rests on, strongest first. */
      readonly by: readonly ('digests' | 'crc' | 'entries' | 'structure')[];
    }
  | {
      readonly whole: false;
      readonly why: string;
      /** Whether the file is sound but of something else: another model, another cut. */
      readonly differs: boolean;
      readonly tensor: string | null;
      readonly byte: number | null;
    };

/**
 * Proves from the contents that a checkpoint file is whole: its structure is sound to the last byte, its CRC or the
 * digests beside it agree, and the entries that are wanted are there. The one proof that resume and pruning use.
 */
export async function proveWhole(source: ByteSource, { format, expected, side }: ProofOptions): Promise<Proof> {
  try {
    const index = await indexCheckpoint(source, format);
    const missing = expected && lacking(index, expected);
    if (missing) return missing;
    const flaw = side && (await damagedTensor(source, index, side));
    if (flaw) return flaw;
    const crc = side === null ? await verifyCrc(source, index) : 'absent';
    if (crc === 'mismatch') return damaged('its CRC does not fit its contents', null);
    return {
      whole: true,
      by: [
        ...(side ? ['digests' as const] : []),
        ...(crc === 'ok' ? ['crc' as const] : []),
        ...(expected ? ['entries' as const] : []),
        'structure',
      ],
    };
  } catch (error) {
    if (!isCkptError(error)) throw error;
    return { whole: false, why: error.message, differs: false, tensor: error.tensor ?? null, byte: error.byte ?? null };
  }
}

function damaged(why: string, tensor: string | null, byte: number | null = null): Proof {
  return { whole: false, why, differs: false, tensor, byte };
}

function different(why: string, tensor: string): Proof {
  return { whole: false, why, differs: true, tensor, byte: null };
}

/** The first expected entry that is not there as it should be. */
function lacking(index: CheckpointIndex, expected: ReadonlyMap<string, ExpectedEntry>): Proof | null {
  const entries = new Map(index.entries.map((entry) => [entry.name, entry]));
  // The step stands at the end of a file: where it is there, nothing was cut off.
  const cutOff = !entries.has('step_num');
  for (const [name, { shape }] of expected) {
    const entry = entries.get(name);
    if (entry === undefined)
      return cutOff ? damaged(`${name} is missing`, name) : different(`${name} is missing`, name);
    const found = entry.kind === 'tensor' ? entry.shape : [];
    const same = found.length === shape.length && found.every((size, axis) => size === shape[axis]);
    if (!same) return different(`${name} has shape [${found}], the model wants [${shape}]`, name);
  }
  return null;
}

/** The first tensor that does not fit its digest, or that one of both sides does not have. */
async function damagedTensor(source: ByteSource, index: CheckpointIndex, side: SideFile): Promise<Proof | null> {
  const seen = new Set<string>();
  for (const entry of index.entries) {
    if (entry.kind !== 'tensor') continue;
    const stored = Object.hasOwn(side.tensors, entry.name) ? side.tensors[entry.name] : undefined;
    if (stored === undefined) continue;
    seen.add(entry.name);
    if ((await digestOf(source, entry, stored)) !== stored.digest) {
      const at = entry.chunks[0]?.offset ?? null;
      return damaged(`${entry.name} does not fit the digest beside the file: its contents are damaged`, entry.name, at);
    }
  }
  const gone = Object.keys(side.tensors).find((name) => !seen.has(name));
  return gone === undefined ? null : damaged(`${gone} is missing, the file beside it lists it`, gone);
}

async function digestOf(source: ByteSource, entry: TensorEntry, { shape, box }: StoredDigest): Promise<string> {
  const bytes = await readTensor(source, entry);
  const digest = new TensorDigest(entry.dtype, shape);
  const axes = box ?? shape.map((size) => [0, size] as const);
  const fits =
    axes.length === entry.shape.length && axes.every(([begin, end], axis) => end - begin === entry.shape[axis]);
  return fits ? digest.addBox(bytes, axes).value() : '';
}

import { readBytes, sourceOf } from '@cairn/bytes';
import type { ByteSource, ElementType } from '@cairn/bytes';
import type { CheckpointFormat, CheckpointIndex } from '../checkpoint-index.ts';
import { isCkptError } from '../ckpt-error.ts';
import { indexCheckpoint } from '../index-checkpoint.ts';
import { verifyCrc } from '../verify-crc.ts';
import { positionAtEnd } from './position-at-end.ts';
import { readPosition } from './read-position.ts';
import type { SideFile } from './side-file.ts';
import type { Flaw } from './tensor-flaws.ts';
import { tensorFlaws } from './tensor-flaws.ts';

/** What an entry of a file should be. */
export interface ExpectedEntry {
  readonly dtype: ElementType;
  /** Shape in the file: of the slice, where the file holds one. */
  readonly shape: readonly number[];
}

/** What a file is measured by. */
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
  | ({
      readonly whole: false;
      /** Whether the file is sound but of something else: another model, another cut. */
      readonly differs: boolean;
    } & Flaw);

/**
 * Proves from the contents that a checkpoint file is whole: its structure is sound to the last byte, its CRC and the
 * digests beside it agree where there are some, and the entries that are wanted are there. The one proof that resume
 * and pruning use. Memory does not depend on the file.
 */
export async function proveWhole(file: ByteSource, { format, expected, side }: ProofOptions): Promise<Proof> {
  try {
    const source = await heldIfSmall(file);
    const index = await indexCheckpoint(source, format);
    const missing = expected && lacking(index, expected);
    if (missing) return missing;
    if (!(await endAgrees(source, index))) return damaged('its last bytes tell another step than its entries');
    if (side)
      for await (const flaw of tensorFlaws(source, index, side)) return { whole: false, differs: false, ...flaw };
    const crc = await verifyCrc(source, index);
    if (crc === 'mismatch') return damaged('its CRC does not fit its contents');
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

/** Files up to this size are read once and held: a page an entry, and each tensor again, would be hundreds of reads. */
const HELD_BYTES = 2 ** 20;

async function heldIfSmall(file: ByteSource): Promise<ByteSource> {
  return file.size <= HELD_BYTES ? sourceOf(await readBytes(file, 0, file.size)) : file;
}

/** Whether the position that a survey takes from the end of the file is that of its entries. */
async function endAgrees(source: ByteSource, index: CheckpointIndex): Promise<boolean> {
  const told = index.format === 'ckpt' ? await positionAtEnd(source) : null;
  if (told === null) return true;
  const { step, epoch } = await readPosition(source, index);
  return told.step === step && (told.epoch === epoch || told.epoch === null);
}

function damaged(why: string, tensor: string | null = null): Proof {
  return { whole: false, why, differs: false, tensor, byte: null };
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

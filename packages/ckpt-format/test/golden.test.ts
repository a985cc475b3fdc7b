/** The answers of the real MindSpore 2.10.0 (conformance/golden/ckpt/README.md), and where Cairn's are others. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ByteSource } from '@cairn/bytes';
import { sourceOf } from '@cairn/bytes';
import { describe, expect, test } from 'vitest';
import type { CipherMode } from '../src/encryption/index.ts';
import { decrypted } from '../src/encryption/index.ts';
import type { CheckpointEntry, CkptErrorCode, StoredTensor } from '../src/index.ts';
import { indexCheckpoint, isCkptError, readTensor, verifyCrc } from '../src/index.ts';

const FOLDER = new URL('../../../conformance/golden/ckpt/', import.meta.url);

interface GoldenTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: string;
}

type GoldenEntry = { readonly name: string } & (
  | GoldenTensor
  | { readonly str: string }
  | { readonly map: readonly GoldenTensor[] }
);

interface GoldenLoad {
  readonly note: string;
  readonly load_args: {
    readonly dec_key?: readonly number[];
    readonly dec_mode?: CipherMode;
    readonly crc_check?: boolean;
    readonly choice_func?: string;
  };
  readonly loaded?: readonly GoldenEntry[];
  readonly raises?: { readonly type: string; readonly message: string };
  readonly bytes: number;
  readonly sha256: string;
}

const golden = JSON.parse(readFileSync(new URL('expected.json', FOLDER), 'utf8')) as {
  readonly files: Readonly<Record<string, GoldenLoad>>;
};

/** Where Cairn answers otherwise than MindSpore, and why. */
const DIFFERENCES: Readonly<Record<string, { readonly why: string; readonly cairn: Answer }>> = {
  'short_content.ckpt': {
    why: 'MindSpore loads it and leaves the rest of the tensor uninitialised',
    cairn: { code: 'size-mismatch' },
  },
  'required_missing.ckpt': {
    why: 'MindSpore loads a tensor without content, all uninitialised',
    cairn: { code: 'malformed' },
  },
  'empty_async.ckpt': {
    why: 'MindSpore takes dims [0] without content for a scalar, and makes its value up; it was saved as (0,)',
    cairn: {
      loaded: [
        { name: 'e0', dtype: 'Float32', shape: [0], data: '' },
        ...(golden.files['empty_async.ckpt']?.loaded?.slice(1) ?? []),
      ],
    },
  },
  'st_order.safetensors': {
    why: 'MindSpore wants the header in data order; Hugging Face files have any order, and these tile the data',
    cairn: {
      loaded: [
        { name: 'a', dtype: 'Float32', shape: [1], data: 'AAAwQQ==' },
        { name: 'b', dtype: 'Float32', shape: [2], data: 'AABAQQAAUEE=' },
      ],
    },
  },
  'st_named_format.safetensors': {
    why: 'MindSpore cannot load a parameter called like a metadata key (KeyError)',
    cairn: { loaded: [{ name: 'format', dtype: 'Float32', shape: [1], data: 'AAAwQQ==' }] },
  },
};

/** What MindSpore raises, as Cairn tells it. */
const CODES: Readonly<Record<string, CkptErrorCode>> = {
  'crc_bad.ckpt': 'crc-mismatch',
  'crc_bad_trailer.ckpt': 'crc-mismatch',
  'crc_bad.safetensors': 'crc-mismatch',
  'crc_cut_trailer.ckpt': 'truncated',
  'enc_aes_gcm_128.ckpt#dec_key,dec_mode': 'wrong-key',
  "enc_aes_gcm_128.ckpt#dec_key,dec_mode'": 'wrong-key',
  'enc_aes_gcm_128.ckpt#': 'encrypted',
  'enc_aes_cbc_128.ckpt#': 'encrypted',
  'enc_sm4_cbc_128.ckpt#': 'encrypted',
  'append.ckpt#dec_key,dec_mode': 'not-encrypted',
  'enc_gcm_tampered.ckpt': 'wrong-key',
  'enc_gcm_cut.ckpt': 'truncated',
  'cut_inside.ckpt': 'truncated',
  'zero.ckpt': 'empty',
  'garbage.ckpt': 'malformed',
  'unknown_dtype.ckpt': 'unknown-dtype',
  'st_gap.safetensors': 'malformed',
  'st_trailing.safetensors': 'malformed',
  'st_f8.safetensors': 'unknown-dtype',
  'st_short.safetensors': 'truncated',
};

type Answer = { readonly loaded: readonly GoldenEntry[] } | { readonly code: CkptErrorCode };

function contentOf(key: string): Uint8Array {
  return readFileSync(new URL(key.split('#')[0] ?? key, FOLDER));
}

async function load(key: string, { load_args }: GoldenLoad): Promise<Answer> {
  try {
    const format = key.split('#')[0]?.endsWith('.safetensors') === true ? 'safetensors' : 'ckpt';
    const { dec_key, dec_mode, crc_check, choice_func } = load_args;
    const file = sourceOf(contentOf(key));
    const source =
      dec_key === undefined || dec_mode === undefined
        ? file
        : await decrypted(file, { key: Uint8Array.from(dec_key), mode: dec_mode });
    const index = await indexCheckpoint(source, format);
    if (crc_check === true && (await verifyCrc(source, index)) === 'mismatch') return { code: 'crc-mismatch' };
    const chosen = index.entries.filter(({ name }) => choice_func === undefined || name.startsWith('e'));
    return { loaded: await Promise.all(chosen.map((entry) => valueOf(source, entry))) };
  } catch (error) {
    if (isCkptError(error)) return { code: error.code };
    throw error;
  }
}

async function valueOf(source: ByteSource, entry: CheckpointEntry): Promise<GoldenEntry> {
  const { name } = entry;
  if (entry.kind === 'tensor') return { name, ...(await tensorOf(source, entry)) };
  if (entry.kind === 'text') return { name, str: entry.text };
  const map = await Promise.all(entry.tensors.map((tensor) => tensorOf(source, tensor)));
  return { name, map: map.map((tensor) => ({ ...tensor, dtype: tensor.dtype.toLowerCase() })) };
}

async function tensorOf(source: ByteSource, tensor: StoredTensor): Promise<GoldenTensor> {
  const data = Buffer.from(await readTensor(source, tensor)).toString('base64');
  return { dtype: tensor.dtype, shape: tensor.shape, data };
}

/** MindSpore lists a safetensors file by name, Cairn in the order of the file. */
function byName(answer: Answer, key: string): Answer {
  if (!('loaded' in answer) || !key.includes('.safetensors')) return answer;
  return { loaded: [...answer.loaded].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

describe('every load of the real MindSpore', () => {
  const loads = Object.entries(golden.files);

  test('is there', () => {
    expect(loads).toHaveLength(59);
    for (const [key, { bytes, sha256 }] of loads) {
      const content = contentOf(key);
      const digest = createHash('sha256').update(content).digest('hex');
      expect([key, content.length, digest]).toEqual([key, bytes, sha256]);
    }
  });

  test.each(loads)('%s', async (key, record) => {
    const upstream = record.loaded === undefined ? { code: CODES[key] } : { loaded: record.loaded };
    expect(byName(await load(key, record), key)).toEqual(DIFFERENCES[key]?.cairn ?? upstream);
  });

  test.each(Object.entries(DIFFERENCES))('%s is a difference', (key, { cairn }) => {
    expect(cairn).not.toEqual({ loaded: golden.files[key]?.loaded });
  });
});

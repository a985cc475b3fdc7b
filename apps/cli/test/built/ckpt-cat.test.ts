import { readdirSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { cairn, golden, temporaryFolder } from './cairn.ts';
import { floats, smallModel, tensorOf, writeFile } from './checkpoint-files.ts';

vi.setConfig({ testTimeout: 60_000 });

test('values are printed as by numpy, in nested brackets', async () => {
  const file = await writeFile(`${temporaryFolder()}/x.ckpt`, smallModel());
  expect(cairn('ckpt', 'cat', file, '--tensor', 'net.w')).toMatchObject({
    code: 0,
    lines: ['net.w: Float32 [2, 3]', '[[1. 2. 3.]', ' [4. 5. 6.]]'],
  });
  expect(cairn('ckpt', 'cat', file, '--tensor', 'step_num').lines).toEqual(['step_num: Int64 []', '4']);
});

test('of a large tensor the edges are read', async () => {
  const values = Array.from({ length: 4000 }, (_, i) => i + 1000);
  const file = await writeFile(`${temporaryFolder()}/x.safetensors`, [floats('w', values, [4, 1, 1000])]);
  expect(cairn('ckpt', 'cat', file, '--tensor', 'w').stdout).toBe(
    'w: Float32 [4, 1, 1000]\n' +
      '[[[1000. 1001. 1002. ... 1997. 1998. 1999.]]\n\n [[2000. 2001. 2002. ... 2997. 2998. 2999.]]\n\n' +
      ' [[3000. 3001. 3002. ... 3997. 3998. 3999.]]\n\n [[4000. 4001. 4002. ... 4997. 4998. 4999.]]]\n',
  );
});

test('texts, maps and tensors without elements', async () => {
  expect(cairn('ckpt', 'cat', golden('ckpt/append.ckpt'), '--tensor', 'note').stdout).toBe('epoch finished\n');
  expect(cairn('ckpt', 'cat', golden('ckpt/map_entry.ckpt'), '--tensor', 'tbl').lines).toEqual([
    'tbl (map: keys): Int32 [2]',
    '[5 9]',
    'tbl (map: values): Float32 [2, 2]',
    '[[11. 12.]',
    ' [13. 14.]]',
    'tbl (map: status): Int32 [2]',
    '[1 1]',
  ]);
  const file = await writeFile(`${temporaryFolder()}/x.ckpt`, [floats('none', [], [0, 3]), floats('one', [1])]);
  expect(cairn('ckpt', 'cat', file, '--tensor', 'none').lines).toEqual(['none: Float32 [0, 3]', '[]']);
});

test('with --json all values, those that JSON has no number for as strings', async () => {
  const tensors = [
    floats('f', [0.5, -0, NaN, Infinity, -Infinity], [5, 1]),
    tensorOf('i', 'Int64', BigInt64Array.of(7n, 2n ** 53n, -(2n ** 62n))),
    tensorOf('h', 'BFloat16', Uint16Array.of(0x3fc0)),
    tensorOf('b', 'Bool', Uint8Array.of(1, 0)),
  ];
  const file = await writeFile(`${temporaryFolder()}/x.ckpt`, tensors);
  const values = (name: string): unknown => JSON.parse(cairn('ckpt', 'cat', file, '--json', '--tensor', name).stdout);
  expect(values('f')).toEqual({
    file,
    name: 'f',
    dtype: 'Float32',
    shape: [5, 1],
    values: [0.5, -0, 'NaN', 'Infinity', '-Infinity'],
  });
  expect(values('i')).toMatchObject({ values: [7, '9007199254740992', '-4611686018427387904'] });
  expect(values('h')).toMatchObject({ dtype: 'BFloat16', values: [1.5] });
  expect(values('b')).toMatchObject({ values: [true, false] });
});

test('a NumPy file holds what the tensor holds; bfloat16 becomes float32, and that is said', async () => {
  const root = temporaryFolder();
  const file = await writeFile(`${root}/x.ckpt`, [
    ...smallModel(),
    tensorOf('h', 'BFloat16', Uint16Array.of(0x3fc0, 0x4000)),
  ]);
  const npy = `${root}/out/w.npy`;
  expect(cairn('ckpt', 'cat', file, '--tensor', 'net.w', '--npy', npy)).toMatchObject({ code: 0, stdout: '' });
  const bytes = readFileSync(npy);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\u0093NUMPY\u0001\u0000');
  expect(bytes.subarray(10, 128).toString()).toMatch(
    /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2, 3\), \} +\n$/,
  );
  expect(new Float32Array(Uint8Array.from(bytes.subarray(128)).buffer)).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  const half = cairn('ckpt', 'cat', file, '--tensor', 'h', '--npy', npy, '--json');
  expect(half.stderr).toBe(`BFloat16 is unknown to numpy: ${npy} holds Float32\n`);
  expect(JSON.parse(half.stdout)).toMatchObject({
    name: 'h',
    dtype: 'BFloat16',
    shape: [2],
    npy,
    storedAs: 'Float32',
    bytes: 136,
  });
  expect(new Float32Array(Uint8Array.from(readFileSync(npy).subarray(128)).buffer)).toEqual(Float32Array.of(1.5, 2));
  expect(readdirSync(`${root}/out`)).toEqual(['w.npy']);
});

test.each([
  ['a name that is not there', ['--tensor', 'net.x'], 'holds no net.x; the nearest name is net.w'],
  ['a name like none', ['--tensor', 'optimizer'], 'holds no optimizer; cairn ckpt ls '],
  ['no name', [], '--tensor NAME is missing: cairn ckpt ls '],
])('exit code 2 for %s', async (_, flags, words) => {
  const file = await writeFile(`${temporaryFolder()}/x.ckpt`, smallModel());
  const { code, stdout, stderr } = cairn('ckpt', 'cat', file, ...flags);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(words);
});

test('a folder is no file, a text is no tensor, and a disk that refuses is exit code 6', async () => {
  const root = temporaryFolder();
  expect(cairn('ckpt', 'cat', root, '--tensor', 'w')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is a folder'),
  });
  const note = [golden('ckpt/append.ckpt'), '--tensor', 'note', '--npy', `${root}/x.npy`];
  expect(cairn('ckpt', 'cat', ...note)).toMatchObject({
    code: 2,
    stderr: 'error: note is a text: --npy takes a tensor\n',
  });
  const file = await writeFile(`${root}/x.ckpt`, smallModel());
  const blocked = cairn('ckpt', 'cat', file, '--tensor', 'net.w', '--npy', `${file}/w.npy`);
  expect(blocked).toMatchObject({ code: 6, stderr: expect.stringContaining(file) });
});

test('a damaged file is exit code 4, with file and byte', () => {
  const { code, stderr } = cairn('ckpt', 'cat', golden('ckpt/cut_inside.ckpt'), '--tensor', 'net.w');
  expect(code).toBe(4);
  expect(stderr).toMatch(/^error: .*cut_inside\.ckpt: the field at byte 138 reaches to byte 169/);
});

import { expect, test, vi } from 'vitest';
import { cairn, golden, temporaryFolder } from './cairn.ts';
import { floats, smallModel, writeFile } from './checkpoint-files.ts';

vi.setConfig({ testTimeout: 60_000 });

test('a file equals itself in the other format, where entries stand in another order', async () => {
  const root = temporaryFolder();
  const a = await writeFile(`${root}/a.ckpt`, smallModel());
  const b = await writeFile(`${root}/b.safetensors`, smallModel());
  expect(cairn('ckpt', 'diff', a, a)).toMatchObject({ code: 0, stdout: 'equal: 3 entries\n', stderr: '' });
  expect(cairn('ckpt', 'diff', a, b)).toMatchObject({
    code: 0,
    lines: ['the entries stand in another order, which is no difference', 'equal: 3 entries'],
  });
});

test('everything that differs is told, and the exit code is 4', async () => {
  const root = temporaryFolder();
  const a = await writeFile(`${root}/a.ckpt`, [...smallModel(4), floats('old', [1]), floats('s', [1, 2])]);
  const b = await writeFile(`${root}/b.ckpt`, [...smallModel(6), floats('s', [1, 2], [2, 1]), floats('new', [1])]);
  const { code, lines } = cairn('ckpt', 'diff', a, b);
  expect(code).toBe(4);
  expect(lines).toEqual([
    'step_num: 1 of 1 values differ from element 0 on, at most by 2 (relative 0.333)',
    `old: only in ${a}, Float32 [1]`,
    's: Float32 [2] and Float32 [2, 1]',
    `new: only in ${b}, Float32 [1]`,
    'different: 4 of 6 entries',
  ]);
});

test('a tolerance, and --json', async () => {
  const root = temporaryFolder();
  const a = await writeFile(`${root}/a.ckpt`, [floats('w', [1, 2])]);
  const b = await writeFile(`${root}/b.ckpt`, [floats('w', [1, 2.25])]);
  const difference = (...flags: string[]): unknown =>
    JSON.parse(cairn('ckpt', 'diff', a, b, '--json', ...flags).stdout);
  expect(difference()).toEqual({
    a,
    b,
    tolerance: 0,
    equal: false,
    same: 0,
    sameOrder: true,
    differences: [
      {
        name: 'w',
        kind: 'values',
        dtype: 'Float32',
        shape: [2],
        elements: 2,
        differing: 1,
        first: 1,
        maxAbsolute: 0.25,
        maxRelative: 0.25 / 2.25,
        notFinite: 0,
      },
    ],
  });
  expect(difference('--tolerance', '0.25')).toMatchObject({ tolerance: 0.25, equal: true });
  const within = cairn('ckpt', 'diff', a, b, '--tolerance', '0.25');
  expect(within).toMatchObject({ code: 0, stdout: expect.stringContaining('equal within 0.25: 1 entry') });
  for (const wrong of ['-1', 'x', '', 'NaN']) {
    expect(cairn('ckpt', 'diff', a, b, `--tolerance=${wrong}`)).toMatchObject({ code: 2, stdout: '' });
  }
});

test('one that is damaged or not there is named', async () => {
  const a = await writeFile(`${temporaryFolder()}/a.ckpt`, smallModel());
  const cut = golden('ckpt/cut_inside.ckpt');
  expect(cairn('ckpt', 'diff', a, cut)).toMatchObject({ code: 4, stderr: expect.stringContaining(`error: ${cut}: `) });
  expect(cairn('ckpt', 'diff', a, `${a}x`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('does not exist'),
  });
  expect(cairn('ckpt', 'diff', a)).toMatchObject({ code: 2 });
});

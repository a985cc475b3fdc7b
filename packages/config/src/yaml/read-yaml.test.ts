import { expect, test } from 'vitest';
import { valueOf } from '../config-node.ts';
import { MAX_MAPPING_DEPTH, MAX_NODES, MAX_TEXT_LENGTH } from '../limits.ts';
import { readYaml } from './read-yaml.ts';

const values = (text: string): unknown => {
  const { root } = readYaml('a.yaml', text);
  return root === null ? null : valueOf(root);
};
const codes = (text: string): string[] => readYaml('a.yaml', text).issues.map((issue) => issue.code);
const placed = (text: string): unknown[] =>
  readYaml('a.yaml', text).issues.map(({ code, place }) => [
    code,
    place !== null && 'line' in place ? `${place.line}:${place.column}` : '',
  ]);

test('plain scalars are read as PyYAML reads them, quoted ones are text', () => {
  expect(values('a: 1.e-8\nb: 1e-5\nc: on\nd: "on"\ne: None\nf: "1"\ng: ~\nh:\n')).toEqual({
    a: 1e-8,
    b: 1e-5,
    c: true,
    d: 'on',
    e: 'None',
    f: '1',
    g: null,
    h: null,
  });
});

test('CRLF, a byte order mark, comments and block texts', () => {
  expect(values('\uFEFFa: 1\r\nb:\r\n  c: x # why\r\nd: |\r\n  one\r\n  two\r\n')).toEqual({
    a: 1,
    b: { c: 'x' },
    d: 'one\ntwo\n',
  });
});

test('anchors and aliases repeat a value, merge keys lay it under', () => {
  const text = 'a: &a {x: 1, y: [1, 2]}\nb: *a\nc:\n  <<: *a\n  x: 2\nd:\n  <<: [*a, {z: 3}]\n';
  expect(values(text)).toEqual({
    a: { x: 1, y: [1, 2] },
    b: { x: 1, y: [1, 2] },
    c: { x: 2, y: [1, 2] },
    d: { x: 1, y: [1, 2], z: 3 },
  });
});

test('explicit core tags are followed, others are errors', () => {
  expect(values('a: !!str 5\nb: !!int "7"\n')).toEqual({ a: '5', b: 7 });
  expect(placed('a: !!python/tuple [1, 2]\n')).toEqual([['yaml-tag', '1:4']]);
});

test('of a key written twice the last one counts, and the warning names both places', () => {
  const { root, issues } = readYaml('a.yaml', 'a: 1\nb: 2\na: 3\n');
  expect(root && valueOf(root)).toEqual({ a: 3, b: 2 });
  expect(issues).toMatchObject([
    { severity: 'warning', code: 'duplicate-key', place: { file: 'a.yaml', line: 3, column: 1 } },
  ]);
  expect(issues[0]?.message).toContain('a.yaml:1:1');
});

test('merge conflict markers are named by line, without the errors that follow from them', () => {
  expect(placed('a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> theirs\n')).toEqual([
    ['yaml-conflict-marker', '2:1'],
    ['yaml-conflict-marker', '6:1'],
  ]);
  expect(values('a: |\n  <<<<<<< HEAD\n')).toEqual({ a: '<<<<<<< HEAD\n' });
});

test.each([
  ['a: [1, 2\nb: 1\n', 'yaml-syntax'],
  ['\ta: 1\n', 'yaml-syntax'],
  ['a: 1\n---\nb: 2\n', 'yaml-documents'],
  ['- 1\n- 2\n', 'not-a-map'],
  ['just text\n', 'not-a-map'],
  ['a: *nothing\n', 'yaml-alias'],
  ['a: &a\n  b: *a\n', 'yaml-alias'],
  ['? [1, 2]\n: 3\n', 'yaml-key'],
  ['? {a: 1}\n: 3\n', 'yaml-key'],
  ['__proto__: {polluted: 1}\n', 'yaml-key'],
])('%j is an error: %s', (text, code) => {
  expect(readYaml('a.yaml', text).root).toBeNull();
  expect(codes(text)).toContain(code);
});

test.each(['', '\n\n', '# only a comment\n', '~\n', '---\n'])('an empty file %j is a warning', (text) => {
  expect(readYaml('a.yaml', text)).toMatchObject({ root: null, issues: [{ severity: 'warning', code: 'empty' }] });
});

test(`mappings may be nested ${MAX_MAPPING_DEPTH} deep, aliases followed`, () => {
  const nested = (depth: number): string => '{a: '.repeat(depth) + '1' + '}'.repeat(depth);
  expect(codes(nested(MAX_MAPPING_DEPTH))).toEqual([]);
  expect(codes(nested(MAX_MAPPING_DEPTH + 1))).toEqual(['yaml-depth']);
  const six = `x: &x ${nested(6)}\n`;
  expect(codes(`${six}y: {a: {b: *x}}\n`)).toEqual([]);
  expect(placed(`${six}y: {a: {b: {c: {d: *x}}}}\n`)).toEqual([['yaml-depth', '2:20']]);
});

test('lists count for the depth too', () => {
  expect(codes(`a: ${'['.repeat(31)}${']'.repeat(31)}\n`)).toEqual([]);
  expect(codes(`a: ${'['.repeat(40)}${']'.repeat(40)}\n`)).toEqual(['yaml-depth']);
  expect(codes(`a: ${'['.repeat(50_000)}\n`)[0]).toBe('yaml-depth');
});

test('an alias bomb is stopped before it grows', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
  const bomb = ['l0: &l0 [x, x, x, x, x, x, x, x, x]', ...levels].join('\n');
  expect(codes(bomb)).toEqual(['yaml-size']);
  expect(readYaml('a.yaml', bomb).issues[0]?.message).toContain(String(MAX_NODES));
});

test('a text longer than the limit is not read', () => {
  const { issues } = readYaml('a.yaml', `a: ${'x'.repeat(MAX_TEXT_LENGTH)}`);
  expect(issues).toMatchObject([{ code: 'text-too-long' }]);
  expect(issues[0]?.message).toContain(String(MAX_TEXT_LENGTH));
});

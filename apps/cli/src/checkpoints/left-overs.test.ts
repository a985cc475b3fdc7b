import { expect, test } from 'vitest';
import { leftOvers } from './left-overs.ts';

test('drafts, MindSpore’s temporary files and side files without a checkpoint are left over', () => {
  const names = [
    'rank_0/x_rank_0-1_2.ckpt',
    'rank_0/x_rank_0-1_2.ckpt.cairn.json',
    'rank_0/x_rank_0-2_2.ckpt.cairn.json',
    'rank_0/.x_rank_0-2_2.ckpt.123-4.draft',
    'rank_0/x_rank_0-2_2.tmp',
    'rank_0/meta.json',
    'rank_0/x_rank_0-graph.meta',
    'rank_0/.hidden',
    'rank_0',
  ];
  expect(leftOvers(names)).toEqual([
    { file: 'rank_0/.x_rank_0-2_2.ckpt.123-4.draft', what: 'a draft of x_rank_0-2_2.ckpt that was not finished' },
    { file: 'rank_0/x_rank_0-2_2.ckpt.cairn.json', what: 'a side file without its checkpoint' },
    { file: 'rank_0/x_rank_0-2_2.tmp', what: 'what MindSpore had written of a file when it ended' },
  ]);
});

import fs from 'node:fs';
import path from 'node:path';
import { decodeEvent } from '@cairn/events';
import { expect, test } from 'vitest';
import { workFolder } from '../test/tiny-run.ts';
import { RECORD_FILE, RunRecord } from './record.ts';

test('numbers are dense in the record, and in each rank', () => {
  const record = new RunRecord(workFolder(), 'r');
  const body = { type: 'rank-started', host: 'h', pid: 1 } as const;
  const events = [null, 1, 0, 1].map((rank) => record.event(body, rank));
  record.close();
  expect(events.map(({ seq, rank, rankSeq }) => [seq, rank, rankSeq])).toEqual([
    [0, undefined, undefined],
    [1, 1, 0],
    [2, 0, 0],
    [3, 1, 1],
  ]);
});

test('a record that was cut off within a line goes on in the next one', () => {
  const folder = workFolder();
  const file = path.join(folder, RECORD_FILE);
  fs.writeFileSync(file, '{"type":"run-fin');
  const record = new RunRecord(folder, 'r');
  record.write(record.event({ type: 'run-finished', steps: 1, finalLoss: null }));
  record.close();
  const [cut, whole] = fs.readFileSync(file, 'utf8').split('\n');
  expect(cut).toBe('{"type":"run-fin');
  expect(decodeEvent(whole ?? '').type).toBe('run-finished');
});

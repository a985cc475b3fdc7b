// Everything a group does, once; gives what came of it as text.
import { createHash } from 'node:crypto';

/** @param {import('../../src/index.ts').Group} group */
export async function operations(group) {
  const { rank, size } = group;
  const results = createHash('sha256');
  const values = (/** @type {number} */ length) =>
    Float32Array.from({ length }, (_, i) => Math.sin(i + rank) * 10 ** ((i + rank * 3) % 9));
  for (const length of [0, 1, 100, 5000, 200_000]) {
    const [sum, max, part] = [values(length), values(length), new Float32Array(length)];
    await group.allReduce(sum, 'sum');
    await group.allReduce(max, 'max');
    await group.reduceScatter(values(length * size), part);
    const parts = await group.allGather(new Uint8Array(part.buffer));
    const told = await group.broadcast(new Uint8Array(values(length).buffer), size - 1);
    for (const bytes of [sum, max, ...parts, told]) results.update(bytes);
  }
  for (let i = 0; i < 64; i++) await group.send(Uint8Array.of(rank, i), (rank + 1) % size);
  const received = new Uint8Array(2);
  for (let i = 0; i < 64; i++) await group.receive(received, (rank + size - 1) % size);
  const evenOrOdd = group.subgroup(
    'even or odd',
    Array.from({ length: size }, (_, i) => i).filter((i) => i % 2 === rank % 2),
  );
  const [all, some] = [values(9000), values(9000)];
  await Promise.all([group.allReduce(all, 'sum'), evenOrOdd.allReduce(some, 'sum'), group.barrier()]);
  return [results.update(all).digest('hex'), [...received].join(), createHash('sha256').update(some).digest('hex')];
}

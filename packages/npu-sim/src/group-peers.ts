import type { Group } from '@cairn/collectives';
import type { Peers } from '@cairn/graph';

/** Whom a rank talks to. */
export interface Neighbours {
  readonly world: Group;
  /** Groups by the names that collectives of the program use. */
  readonly groups: ReadonlyMap<string, Group>;
  /** Rank in the world that has the same place on another stage. */
  readonly onStage: (stage: number) => number;
}

/** The peers of a program, by groups of ranks. */
export function groupPeers({ world, groups, onStage }: Neighbours): Peers {
  const groupOf = (name: string): Group => {
    const group = groups.get(name);
    if (group === undefined) throw new RangeError(`the program talks to a group ${name}, which this rank has not`);
    return group;
  };
  return {
    allReduce: (group, values, reduce) => groupOf(group).allReduce(values, reduce),
    allGather: async (group, values) => (await groupOf(group).allGather(bytesOf(values))).map(floatsOf),
    reduceScatter: (group, values, into) => groupOf(group).reduceScatter(values, into),
    send: (values, toStage) => world.send(bytesOf(values), onStage(toStage)),
    receive: (into, fromStage) => world.receive(bytesOf(into), onStage(fromStage)),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** As float32 numbers; copied where the bytes do not begin at a multiple of four. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = byteOffsetIsWhole(bytes) ? bytes : bytes.slice();
  return new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);
}

function byteOffsetIsWhole({ byteOffset }: Uint8Array): boolean {
  return byteOffset % Float32Array.BYTES_PER_ELEMENT === 0;
}

// The rendezvous of a test: says its port.
//   node rendezvous.mjs SIZE
import { serveRendezvous } from '../../dist/index.js';

const { address } = await serveRendezvous({
  host: '127.0.0.1',
  port: 0,
  size: Number(process.argv[2]),
  deadlineMs: 60_000,
});
process.stdout.write(`${address.port}\n`);

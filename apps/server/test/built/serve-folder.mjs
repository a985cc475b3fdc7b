/** Serves a folder with the built packages, as ranks are processes of the built runtime, until SIGTERM. */
import { serve } from '@cairn/server';

const [folder, token] = process.argv.slice(2);
const server = await serve({ folder, token });
process.once('SIGTERM', () => void server.close());
process.stdout.write(`${server.url}\n`);

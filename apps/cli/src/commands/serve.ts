import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError } from '@commander-js/extra-typings';

const EXAMPLES = `
  cairn serve --folder ~/runs --port 8000
  curl -H "Authorization: Bearer TOKEN" http://127.0.0.1:8000/runs`;

/** cairn serve: runs over HTTP. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('starts, watches and stops runs over HTTP, until it is interrupted')
    .option('--host <host>', 'address to listen on (default: 127.0.0.1, this computer alone)')
    .option('--port <port>', 'port to listen on; 0 is any that is free', portOf, 0)
    .option('--token <token>', 'what every request must show (default: a random one)')
    .option('--folder <folder>', 'where relative paths start from', '.')
    .option('--json', 'the address and the token as one {url, token, folder}')
    .option('--quiet', 'no words on standard error but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (flags) => {
      const { serveCommand } = await import('./serve-action.ts');
      process.exitCode = await serveCommand(flags);
    });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new InvalidArgumentError('a port is a number from 0 to 65535.');
}

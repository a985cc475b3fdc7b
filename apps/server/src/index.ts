export { createServer } from './create-server.ts';
export type { ServerOptions } from './create-server.ts';
export { serve } from './serve.ts';
export type { RunningServer, ServeOptions } from './serve.ts';

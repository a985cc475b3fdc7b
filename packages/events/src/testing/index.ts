export { anyEvent } from './any-event.ts';

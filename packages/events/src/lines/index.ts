export { eventLines } from './event-lines.ts';
export { float32Text } from './float32-text.ts';

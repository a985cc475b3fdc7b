export { Device } from './device.ts';

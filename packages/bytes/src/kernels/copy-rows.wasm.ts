// Generated from packages/bytes/kernels/copy-rows.ts by tools/build-kernels.mjs; do not edit. 116 bytes of WebAssembly, base64.
export const WASM: string =
  'AGFzbQEAAAABCgFgBn9/f39/fwACDwEDZW52Bm1lbW9yeQIAAAMCAQAHFQIIY29weVJvd3MAAAZtZW1vcnkCAAoyATABAX8DQCACIAZLBEAgAC' +
  'ABIAP8CgAAIAZBAWohBiAAIARqIQAgASAFaiEBDAELCws=';

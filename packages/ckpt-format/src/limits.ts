/**
 * Bounds on what one file may hold. Real checkpoints stay far below them; they keep a damaged or hostile file from
 * taking memory out of proportion to its size.
 */

/** UTF-8 bytes of one name. */
export const MAX_NAME_BYTES = 65_536;

/** Stored bytes of one text entry (UTF-32, so a quarter as many characters). */
export const MAX_TEXT_BYTES = 16_777_216;

/** Axes of one tensor. */
export const MAX_AXES = 64;

/** Entries of one file; in a `.ckpt` every 512 MiB piece of a tensor counts. */
export const MAX_ENTRIES = 1_048_576;

/** Protobuf fields of one message inside an entry: all axes unpacked, the known fields, and room for unknown ones. */
export const MAX_FIELDS = 256;

/** Bytes of a safetensors header; MindSpore's reader has the same bound (mindspore-formats §2.2). */
export const MAX_HEADER_BYTES = 100_000_000;

/** Bytes of a tensor read at once: the largest array every supported engine makes. Larger ones are read chunk by chunk. */
export const MAX_READ_BYTES = 4_294_967_295;

/** Plain bytes of one cipher block: MindSpore cuts every 64 MiB (mindspore-formats §1.7). */
export const MAX_CIPHER_BLOCK_BYTES = 67_108_864;

/** Cipher blocks of one file: 4 TiB of full ones. */
export const MAX_CIPHER_BLOCKS = 65_536;

/** Bytes of a tensor that are read at once where it may be of any size; a multiple of every element. */
export const PIECE_BYTES = 4_194_304;

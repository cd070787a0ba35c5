/** Bounds of what a file may make this program do. Beyond them reading ends with SRC-2016 or SRC-2017. */

/** Bytes of one record at most. An unclosed quote swallows the rest of a file; this is where it is noticed. */
export const MAX_RECORD_BYTES = 32 * 1024 * 1024;
/** Fields of one record at most. */
export const MAX_FIELDS = 4096;
/** Bytes of one cell at most. */
export const MAX_CELL_BYTES = 16 * 1024 * 1024;
/** How many times its compressed size a file may become, unless the job allows more. */
export const DEFAULT_MAX_EXPANSION = 100;
/** Bytes that any file may become, whatever its compressed size. */
export const FREE_EXPANSION_BYTES = 64 * 1024 * 1024;
/** Bytes that one compressed file may become at most: 10 TiB. */
export const MAX_DECOMPRESSED_BYTES = 10 * 1024 ** 4;
/** Compressed bytes decompressed in one step; deflate makes at most 1032 times as many of them. */
export const DECOMPRESSION_STEP_BYTES = 16 * 1024;
/** Rows of a block at most. */
export const BLOCK_ROWS = 5_000;
/** Bytes of a file looked at in one go: about the size of a block. */
export const WINDOW_BYTES = 1024 * 1024;
/** The same for the first look, in which often only a header is wanted. */
export const FIRST_WINDOW_BYTES = 64 * 1024;

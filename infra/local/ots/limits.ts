/** The documented limits of the service, each with its unit; texts of refusals stand where they are checked. */

export const MAX_NAME_BYTES = 255;
export const MAX_TABLES = 64;
export const MAX_KEY_COLUMNS = 4;
export const MAX_KEY_VALUE_BYTES = 1024;
export const MAX_ATTRIBUTE_VALUE_BYTES = 2 * 1024 * 1024;
export const MAX_COLUMNS_PER_WRITE = 1024;
export const MAX_DEFINED_COLUMNS = 32;
export const MAX_BATCH_GET_ROWS = 100;
export const MAX_BATCH_WRITE_ROWS = 200;
export const MAX_BATCH_WRITE_BYTES = 4 * 1024 * 1024;
/** Size of one PutRow or UpdateRow. */
export const MAX_ROW_WRITE_BYTES = 4 * 1024 * 1024;
export const MAX_COLUMNS_TO_GET = 128;
/** A GetRange page ends at the first of these. */
export const MAX_PAGE_ROWS = 5000;
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Conditions in one filter tree. */
export const MAX_FILTER_CONDITIONS = 10;
/** Nesting of one filter tree; bounds recursion on hostile input. */
export const MAX_FILTER_DEPTH = 10;
/** Cell timestamps in ms lie in [0, INT64_MAX / 1000). */
export const TIMESTAMP_LIMIT_MS = ((1n << 63n) - 1n) / 1000n;
export const MIN_TTL_SECONDS = 86_400;
export const DEFAULT_DEVIATION_SECONDS = 86_400n;
export const MIN_STREAM_HOURS = 1;
export const MAX_STREAM_HOURS = 168;
export const MAX_CLOCK_SKEW_MS = 15 * 60 * 1000;
export const MIN_INSTANCE_NAME_BYTES = 3;
export const MAX_INSTANCE_NAME_BYTES = 16;
/** One capacity unit covers this many bytes. */
export const CAPACITY_UNIT_BYTES = 4096;
/** Largest request body; a full batch plus the overhead of its encoding fits. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Unit of split_size when the request names none. */
export const DEFAULT_SPLIT_UNIT_BYTES = 100 * 1024 * 1024;
/** Split points of one answer; finer requests are answered with larger splits. */
export const MAX_SPLIT_POINTS = 100_000;

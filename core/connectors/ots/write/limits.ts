/** Documented limits of one write, each with its unit. */

/** Rows of one BatchWriteRow. */
export const MAX_BATCH_ROWS = 200;
/** Bytes of names and values in one BatchWriteRow, and so in one row. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Bytes of a string or binary key value. */
export const MAX_KEY_VALUE_BYTES = 1024;
/** Bytes of a string or binary attribute value. */
export const MAX_ATTRIBUTE_VALUE_BYTES = 2 * 1024 * 1024;
/** Attributes of one row in one write. */
export const MAX_ATTRIBUTES = 1024;
/** Columns of a primary key. */
export const MAX_KEY_COLUMNS = 4;

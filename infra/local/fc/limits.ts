/** Limits of the platform that the embedded service enforces. Sources: public Function Compute quota pages. */

/** Body of an asynchronous invocation and payload of a timer, bytes. */
export const MAX_ASYNC_PAYLOAD_BYTES = 131_072;
/** Body of a synchronous invocation and of its result, bytes. */
export const MAX_SYNC_PAYLOAD_BYTES = 33_554_432;
/** Code package after base64 decoding, bytes. */
export const MAX_CODE_BYTES = 100 * 1_048_576;
/** Unpacked code, bytes: stops archives that expand without bound. */
export const MAX_UNPACKED_BYTES = 500 * 1_048_576;
/** Control-plane body, bytes: the base64 of the largest package and the fields beside it. */
export const MAX_CONTROL_BODY_BYTES = Math.ceil((MAX_CODE_BYTES * 4) / 3) + 1_048_576;
/** Environment variables of one function, bytes of names and values together. */
export const MAX_ENVIRONMENT_BYTES = 4_096;

export const MIN_MEMORY_MB = 128;
export const MAX_MEMORY_MB = 32_768;
/** Memory sizes are multiples of this, megabytes. */
export const MEMORY_STEP_MB = 64;
export const DEFAULT_MEMORY_MB = 256;

export const MAX_TIMEOUT_SECONDS = 86_400;
export const DEFAULT_TIMEOUT_SECONDS = 3;
export const MAX_INITIALIZATION_SECONDS = 300;
export const DEFAULT_INITIALIZATION_SECONDS = 3;
/** Loading the code of an instance, milliseconds: guards against a module that never finishes loading. */
export const MAX_LOAD_MS = 60_000;

export const DEFAULT_MAX_INSTANCES = 100;
export const MAX_TRIGGERS_PER_FUNCTION = 50;

export const DEFAULT_ASYNC_RETRIES = 3;
export const MAX_ASYNC_RETRIES = 8;
export const DEFAULT_ASYNC_AGE_SECONDS = 86_400;
export const MAX_ASYNC_AGE_SECONDS = 604_800;
/** `x-fc-async-delay` must lie strictly between 0 and this, seconds. */
export const MAX_ASYNC_DELAY_SECONDS = 3_600;
/** A throttled event is tried again for at most this long, milliseconds (five hours). */
export const MAX_THROTTLE_AGE_MS = 5 * 3_600_000;
/** First back-off of the asynchronous queue, milliseconds; it doubles from there. */
export const DEFAULT_ASYNC_RETRY_BASE_MS = 500;
/** The back-off stops growing here, milliseconds. */
export const MAX_ASYNC_BACKOFF_MS = 60_000;

/** Age at which an unused instance is ended, milliseconds. */
export const DEFAULT_INSTANCE_IDLE_MS = 60_000;
/** Distance between two looks at the memory of the busy instances, milliseconds. */
export const MEMORY_PROBE_MS = 100;
/** Tail of the log returned for `x-fc-log-type: Tail`, bytes. */
export const LOG_TAIL_BYTES = 4_096;

/** Accepted distance between the date of a request and the clock, milliseconds. */
export const MAX_DATE_SKEW_MS = 15 * 60_000;
/** Idle keep-alive connections stay open this long: clients pool sockets for about a minute. */
export const KEEP_ALIVE_MS = 70_000;

export const DEFAULT_PAGE = 20;
export const MAX_PAGE = 100;

/** Longest sleep of a timer that waits for the cloud's clock: a moved clock is noticed within this time, ms. */
export const CLOCK_POLL_MS = 1_000;

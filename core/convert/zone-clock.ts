import { civilAt } from '../job/time/civil.ts';
import { dayNumber } from './civil-days.ts';

const DAY_SECONDS = 86_400;
/** Days whose offset is remembered. */
const MAX_CACHED_DAYS = 4096;
/** Outside these instants a zone keeps the offset it has at them: the runtime's calendar is exact in between. */
const FIRST_SECOND = dayNumber(1000, 1, 3) * DAY_SECONDS;
const LAST_SECOND = dayNumber(9999, 12, 29) * DAY_SECONDS;

/**
 * The wall clock of a zone. "Civil seconds" are the seconds from 1970-01-01 00:00:00 to a wall-clock reading as if
 * there were no offset. Asking the runtime takes microseconds, so days without a change are remembered.
 */
export class ZoneClock {
  readonly #zone: string;
  readonly #steadyDays = new Map<number, number | undefined>();

  constructor(zone: string) {
    this.#zone = zone;
  }

  /** Civil seconds at an instant (whole seconds since the epoch). */
  civilAt(instant: number): number {
    return instant + this.#offset(instant);
  }

  /** The instant of a wall-clock reading, the first of two; `undefined` if a clock change skips it. */
  instantOf(civil: number): number | undefined {
    const earlier = civil - this.#offset(civil - DAY_SECONDS);
    const later = civil - this.#offset(civil + DAY_SECONDS);
    const fits = (instant: number): boolean => this.civilAt(instant) === civil;
    if (earlier === later) return fits(earlier) ? earlier : undefined;
    const candidates = [earlier, later].filter(fits);
    return candidates.length > 0 ? Math.min(...candidates) : undefined;
  }

  /** Seconds that the wall clock is ahead of UTC. */
  #offset(instant: number): number {
    const day = Math.floor(instant / DAY_SECONDS);
    if (!this.#steadyDays.has(day)) this.#remember(day);
    return this.#steadyDays.get(day) ?? this.#ask(instant);
  }

  /** A day counts as steady if it begins and ends with the same offset. */
  #remember(day: number): void {
    if (this.#steadyDays.size >= MAX_CACHED_DAYS) this.#steadyDays.clear();
    const first = this.#ask(day * DAY_SECONDS);
    this.#steadyDays.set(day, first === this.#ask((day + 1) * DAY_SECONDS) ? first : undefined);
  }

  #ask(instant: number): number {
    const at = Math.min(Math.max(instant, FIRST_SECOND), LAST_SECOND);
    const { year, month, day, hour, minute, second } = civilAt(at * 1000, this.#zone);
    return dayNumber(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second - at;
  }
}

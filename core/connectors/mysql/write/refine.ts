/** What the server would make of some values of its own accord, done or refused here instead. */

import { dayNumber, dayOf } from '../../../convert/civil-days.ts';
import type { CastCell, Caster, TargetType } from '../../../convert/index.ts';
import { ZoneClock } from '../../../convert/zone-clock.ts';

const DAY_SECONDS = 86_400;
/** `yyyy-MM-dd HH:mm:ss` */
const MOMENT_BYTES = 19;

/** What digits in ENUM and SET mean to the server: the ordinal of a member. */
const ORDINAL = /^\s*[+-]?\d+$/;

/** The members of a type such as `enum('a','it''s')`. */
export const membersOf = (serverType: string): readonly string[] =>
  [...serverType.matchAll(/'((?:[^']|'')*)'/g)].map(([, member]) => member!.replaceAll("''", "'"));

/** Text of digits that is no member would be stored as the member of that number: it is refused. */
export function memberCaster(inner: Caster, serverType: string): Caster {
  const members = new Set(membersOf(serverType));
  return {
    cast(block, cell, out) {
      const code = inner.cast(block, cell, out);
      if (code !== undefined || out.isNull) return code;
      const text = out.text() ?? '';
      return ORDINAL.test(text) && !members.has(text) ? 'CNV-3011' : undefined;
    },
  };
}

/**
 * Wall-clock times of a zone as those of a fixed offset, for servers that do not know the zone by its name: an
 * instant of the summer would otherwise be stored an hour off.
 */
export function offsetCaster(inner: Caster, target: TargetType, zone: string, offsetSeconds: number): Caster {
  if (target.kind !== 'datetime' || !target.zoned) return inner;
  const clock = new ZoneClock(zone);
  return {
    cast(block, cell, out) {
      const code = inner.cast(block, cell, out);
      if (code !== undefined || out.isNull) return code;
      const civil = civilSeconds(out.bytes, out.start);
      const instant = clock.instantOf(civil);
      if (instant === undefined) return 'CNV-3014';
      const shifted = instant + offsetSeconds;
      return shifted === civil ? undefined : rewrite(out, shifted);
    },
  };
}

function civilSeconds(bytes: Uint8Array, at: number): number {
  const two = (offset: number): number => (bytes[at + offset]! - 0x30) * 10 + bytes[at + offset + 1]! - 0x30;
  const days = dayNumber(two(0) * 100 + two(2), two(5), two(8));
  return days * DAY_SECONDS + two(11) * 3600 + two(14) * 60 + two(17);
}

/** Puts another second in the place of the first 19 characters; the fraction stays. */
function rewrite(out: CastCell, civil: number): undefined {
  const fraction = Buffer.from(out.bytes.subarray(out.start + MOMENT_BYTES, out.end)).toString('latin1');
  const days = Math.floor(civil / DAY_SECONDS);
  const second = civil - days * DAY_SECONDS;
  const [year, month, day] = dayOf(days);
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  const clock = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60].map((part) =>
    pad(part),
  );
  return out.setAscii(`${pad(year, 4)}-${pad(month)}-${pad(day)} ${clock.join(':')}${fraction}`);
}

/** A slice of the crash-point sweep, another one each time, and proof that the sweep notices what it looks for. */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatPoint, parsePoint } from '../support/crash-point.ts';
import { type Damage, Lane } from './lane.ts';
import { failureOf } from './report.ts';
import { scenarioOf } from './scenario.ts';
import { playOnce, SWEPT_FUNCTIONS, sweep } from './sweep.ts';

/** Six or seven of all points. */
const EVERY = 61;
/** Most that the slice may take, on a machine that does something else as well, milliseconds. */
const SLICE_LIMIT_MS = 900_000;
const LANES = 3;
/** How long a run may take that is expected never to end, milliseconds. */
const STUCK_MS = 6_000;

describe('a process killed at any of its calls', () => {
  const offset = Number(process.env.MILLRACE_SWEEP_OFFSET ?? randomInt(EVERY));

  it(
    `leaves an exact output that nobody ever saw a part of (offset ${offset} of ${EVERY})`,
    async () => {
      const report = await sweep({
        functions: SWEPT_FUNCTIONS,
        selection: { every: EVERY, offset },
        lanes: LANES,
        calmRuns: 1,
      });
      expect(report.results.filter(({ outcome }) => outcome === 'failed').map(failureOf)).toEqual([]);
      const hit = report.results.filter(({ outcome }) => outcome === 'exact');
      // Points that depend on time may be missed, the more the busier the machine is; most do not.
      expect(hit.length).toBeGreaterThanOrEqual(report.results.length / 3);
      expect(report.looks).toBeGreaterThan(report.runs);
    },
    SLICE_LIMIT_MS,
  );
});

describe('the sweep notices', () => {
  let lane: Lane;
  beforeAll(async () => {
    lane = await Lane.open();
  });
  afterAll(() => lane.close());

  const damages: readonly { readonly what: string; readonly damage: Damage; readonly noticed: RegExp[] }[] = [
    {
      what: 'a manifest that comes too early and lists what is not there',
      damage: {
        at: 'RUNNING',
        do: async (oss, { manifest, object }) => {
          const listed = { key: `${object}__missing.csv`, size: 1, crc64: '0', rows: 1 };
          await oss.put(manifest, Buffer.from(JSON.stringify({ rows: 1, bytes: 1, objects: [listed] })));
        },
      },
      noticed: [/visible before the run was committing/, /missing or incomplete/, /the run is FAILED/],
    },
    {
      what: 'old output that is gone before there is new',
      damage: { at: 'RUNNING', do: async (oss, { old }) => void (await oss.delete(old)) },
      noticed: [/the old output was gone before/],
    },
    {
      what: 'an object that is there without its rows, and another that nobody asked for',
      damage: {
        at: 'SUCCEEDED',
        do: async (oss, { runPrefix, object }) => {
          const { objects } = await oss.listV2({ prefix: runPrefix }, {});
          await oss.put(objects[0]!.name, Buffer.from('b,7,row 7\n'));
          await oss.put(`${object}__stray.csv`, Buffer.from('b,1,again\n'));
        },
      },
      noticed: [
        /holds a foreign line/,
        /row 0 is missing/,
        /missing or incomplete/,
        /__stray\.csv was left behind/,
      ],
    },
  ];
  it.each(damages)('$what', async ({ damage, noticed }) => {
    const { problems } = await lane.play(scenarioOf('worker'), undefined, { damage });
    for (const pattern of noticed) expect(problems.join('\n')).toMatch(pattern);
  });

  it('a run that no sweeper looks after, and says how to see it again', async () => {
    const point = parsePoint('worker:UploadPart output:1:after');
    const deserted = { name: 'deserted', lost: { sweeper: Number.MAX_SAFE_INTEGER }, crashes: [] };
    const result = await playOnce(lane, deserted, point, { limitMs: STUCK_MS });
    expect(result).toMatchObject({ outcome: 'failed', last: { isHit: true } });
    expect(failureOf(result)).toContain('the run is RUNNING');
    expect(failureOf(result)).toContain(`npm run sweep -- --point '${formatPoint(point)}'`);
  });
});

/** A slice of the crash-point sweep, another one each time, and proof that the sweep notices what it looks for. */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Damage, Lane } from './lane.ts';
import { formatSweepPoint, parseSweepPoint } from './points.ts';
import { failureOf } from './report.ts';
import { scenarioOf } from './scenario.ts';
import { playPoint, sweep } from './sweep.ts';

/** About a dozen of all points. Odd, so that both moments are in every slice. */
const EVERY = 83;
const LANES = 2;
/** Most that the slice may take, on a machine that does something else as well, milliseconds. */
const SLICE_LIMIT_MS = 900_000;

describe('a process killed at any of its calls', () => {
  const offset = Number(process.env.MILLRACE_SWEEP_OFFSET ?? randomInt(EVERY));

  it(
    `leaves an exact output that nobody ever saw a part of (offset ${offset} of ${EVERY})`,
    async () => {
      const report = await sweep({ selection: { every: EVERY, offset }, lanes: LANES, calmRuns: 1 });
      expect(report.results.filter(({ outcome }) => outcome !== 'exact').map(failureOf)).toEqual([]);
      expect(report.results.length).toBe(Math.ceil((report.points.length - offset) / EVERY));
      expect(report.results.every(({ play }) => play.isHit)).toBe(true);
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

  const inTheMiddle = 'worker:PutRow shards 00000 checkpoint:1';
  const damages: readonly { readonly what: string; readonly damage: Damage; readonly noticed: RegExp[] }[] = [
    {
      what: 'a manifest that comes too early and lists what is not there',
      damage: {
        at: inTheMiddle,
        do: async (oss, { manifest, object }) => {
          const listed = { key: `${object}__missing.csv`, size: 1, crc64: '0', rows: 1 };
          await oss.put(manifest, Buffer.from(JSON.stringify({ rows: 1, bytes: 1, objects: [listed] })));
        },
      },
      noticed: [/visible before the run was committing/, /missing or incomplete/, /the run is FAILED/],
    },
    {
      what: 'old output that is gone before there is new',
      damage: { at: inTheMiddle, do: async (oss, { old }) => void (await oss.delete(old)) },
      noticed: [/the old output was gone before/],
    },
    {
      what: 'an object that is there without its rows, and another that nobody asked for',
      damage: {
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
    const { problems } = await lane.play(scenarioOf('plain'), undefined, { damage });
    for (const pattern of noticed) expect(problems.join('\n')).toMatch(pattern);
  });

  it('a run that no sweeper looks after, and says how to see it again', async () => {
    const point = parseSweepPoint('plain/worker:UploadPart output:1:after');
    const result = await playPoint(lane, point, { maxSweeps: 0 });
    expect(result).toMatchObject({ outcome: 'failed', play: { isHit: true, state: 'RUNNING' } });
    expect(failureOf(result)).toContain('the run is RUNNING, and nobody goes on with it');
    expect(failureOf(result)).toContain(`npm run sweep -- --point '${formatSweepPoint(point)}'`);
  });

  it('a point that does not come about', async () => {
    const point = parseSweepPoint('plain/worker:PutRow shards 00003 claim:1:before');
    const result = await playPoint(lane, point);
    expect(result).toMatchObject({ outcome: 'not hit', play: { isHit: false, state: 'SUCCEEDED' } });
    expect(failureOf(result)).toContain('was not hit');
  });
});

import { atMost, type Figure, MAX_FOREIGN_LOAD, median, neverAbove, plain } from '../report.ts';
import type { CommandTime } from './command.ts';
import type { Measured } from './ground.ts';
import type { JobTime } from './worker.ts';

/** A worker's process may take so much, MiB. */
export const MAX_WORKER_MIB = 128;
const MS_PER_SECOND = 1000;

/** Everything measured of one side. */
export type Times<T extends CommandTime = CommandTime> = readonly Measured<T>[];

const wall = ({ wallMs }: CommandTime): number => wallMs;
const seconds = (values: readonly number[]): number[] => values.map((ms) => ms / MS_PER_SECOND);

/** Ratios of the pairs: ours to theirs. */
export const ratios = (
  ours: Times,
  theirs: Times,
  of: (one: CommandTime) => number = wall,
): readonly number[] => ours.map((one, i) => of(one) / of(theirs[i]!));

/** What both sides are told of, in one line. */
const sideFigures = (side: string, rows: number, times: Times): Figure[] =>
  [
    plain(
      'speed',
      'rows/s',
      times.map((one) => (rows / one.wallMs) * MS_PER_SECOND),
    ),
    plain('wall', 's', seconds(times.map(wall))),
    plain('processor', 's', seconds(times.map(({ cpuMs }) => cpuMs))),
    plain('of the servers', 's', seconds(times.map(({ serverMs }) => serverMs))),
    plain(
      'peak memory',
      'MiB',
      times.map((one) => one.peakMiB),
    ),
  ].map((figure) => ({ ...figure, side }));

/** What a peer took. */
export const peerFigures = sideFigures;

/** What our side took. Where objects are written, also the end point that stands for OSS, which the peer does not need. */
export const ourFigures = (side: string, rows: number, times: Times<JobTime>): Figure[] => [
  ...sideFigures(side, rows, times),
  ...[
    plain('without process start', 's', seconds(times.map(({ invocationMs }) => invocationMs))),
    plain('OSS end point', 's', seconds(times.map(({ endPointMs }) => endPointMs))),
    plain(
      'shards',
      '',
      times.map(({ shards }) => shards),
    ),
  ].map((figure) => ({ ...figure, side })),
];

/** The peak of our process, which has a bar. */
export const memoryFigure = (side: string, times: Times<JobTime>): Figure =>
  neverAbove(
    `peak memory of ${side}`,
    'MiB',
    times.map((one) => one.peakMiB),
    MAX_WORKER_MIB,
  );

/** Ratios of wall time, of the same without the start of our process, and of processor time; bars where given. */
export function ratioFigures(
  name: string,
  ours: Times<JobTime>,
  theirs: Times,
  bars: { readonly wall?: number; readonly cpu?: number } = {},
): Figure[] {
  const judged = (what: string, values: readonly number[], bar: number | undefined): Figure =>
    bar === undefined ? plain(what, '×', values) : atMost(what, '×', values, bar);
  const warm = ours.map(({ invocationMs }, i) => invocationMs / theirs[i]!.wallMs);
  const cpu = ratios(ours, theirs, ({ cpuMs }) => cpuMs);
  return [
    judged(`wall, times ${name}`, ratios(ours, theirs), bars.wall),
    plain('  the same without our process start', '×', warm),
    judged(`processor, times ${name}`, cpu, bars.cpu),
  ];
}

/** The figures of a path, marked if others were at work while its commands ran. */
export function ofPath(path: string, figures: readonly Figure[], times: Times): Figure[] {
  const disturbed = median(times.map(({ foreign }) => foreign)) > MAX_FOREIGN_LOAD;
  return figures.map((figure) => ({ ...figure, path, ...(disturbed && { disturbed }) }));
}

/** How much others used, as a figure. */
export const foreignFigure = (times: Times): Figure =>
  plain(
    'processors used by others meanwhile',
    '%',
    times.map(({ foreign }) => foreign * 100),
  );

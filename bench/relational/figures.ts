import { atMost, type Figure, MAX_FOREIGN_LOAD, median, plain } from '../report.ts';
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

/** What a peer took. */
export const peerFigures = (name: string, rows: number, times: Times): Figure[] => [
  plain(
    `${name}: rows/s`,
    'rows/s',
    times.map((one) => (rows / one.wallMs) * MS_PER_SECOND),
  ),
  plain(`${name}: wall`, 's', seconds(times.map(wall))),
  plain(`${name}: processor`, 's', seconds(times.map(({ cpuMs }) => cpuMs))),
  plain(`${name}: its servers`, 's', seconds(times.map(({ serverMs }) => serverMs))),
  plain(
    `${name}: peak memory`,
    'MiB',
    times.map((one) => one.peakMiB),
  ),
];

/** What our side took; its peak has a bar. */
export const ourFigures = (name: string, rows: number, times: Times<JobTime>): Figure[] => [
  ...peerFigures(name, rows, times).slice(0, -1),
  plain(`${name}: wall without process start`, 's', seconds(times.map(({ invocationMs }) => invocationMs))),
  plain(
    `${name}: shards`,
    '',
    times.map(({ shards }) => shards),
  ),
  atMost(
    `${name}: peak memory`,
    'MiB',
    times.map((one) => one.peakMiB),
    MAX_WORKER_MIB,
  ),
];

/** The end point that stands for OSS: time that the peer does not have to spend. */
export const endPointFigure = (name: string, times: Times): Figure =>
  plain(`${name}: OSS end point, processor`, 's', seconds(times.map(({ endPointMs }) => endPointMs)));

/** Ratios of wall time with a bar, of the same without the start of our process, and of processor time. */
export function ratioFigures(
  name: string,
  ours: Times<JobTime>,
  theirs: Times,
  bars: { readonly wall: number; readonly cpu?: number },
): Figure[] {
  const cpu = ratios(ours, theirs, ({ cpuMs }) => cpuMs);
  const warm = ours.map(({ invocationMs }, i) => invocationMs / theirs[i]!.wallMs);
  return [
    atMost(`wall, times ${name}`, '×', ratios(ours, theirs), bars.wall),
    plain(`  the same without our process start`, '×', warm),
    bars.cpu === undefined
      ? plain(`processor, times ${name}`, '×', cpu)
      : atMost(`processor, times ${name}`, '×', cpu, bars.cpu),
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

/** A moment of a run as lines of text. Pure: the same view and width give the same frame. */
import type { RunState } from '../../core/run/index.ts';
import type { Colors } from '../output.ts';
import { countOf, formatBytes, formatClock, formatCount, formatRate, formatThroughput } from '../quantity.ts';
import { shorten, visibleWidth } from '../table.ts';
import type { CellState, ProgressView } from './view.ts';

/** Lines that the grid of shards takes at most; more shards than fit share cells. */
const MAX_GRID_LINES = 4;
const INDENT = '  ';
const MIN_WIDTH = 20;

const GLYPHS: Readonly<Record<CellState, string>> = { done: '■', moving: '▣', faulty: '▲', waiting: '·' };

/** The frame, every line at most `width` wide. */
export function renderFrame(view: ProgressView, width: number, colors: Colors): readonly string[] {
  const room = Math.max(MIN_WIDTH, width - 1);
  return [
    renderTitle(view, room, colors),
    ...renderGrid(view.cells, room - INDENT.length, colors).map((line) => INDENT + line),
    ...wrap(renderFacts(view, colors), room),
  ];
}

function renderTitle(view: ProgressView, room: number, colors: Colors): string {
  const state = view.stopping ? 'stopping' : STATE_WORDS[view.state];
  const clock = formatClock(view.elapsedMs);
  const nameRoom = room - state.length - clock.length - 4;
  return `${colors.bold(shorten(view.name, Math.max(1, nameRoom)))}  ${stateColor(view, colors)(state)}  ${colors.dim(clock)}`;
}

const STATE_WORDS: Readonly<Record<RunState, string>> = {
  PLANNING: 'planning',
  RUNNING: 'running',
  COMMITTING: 'committing',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELED: 'canceled',
};

function stateColor(view: ProgressView, colors: Colors): (text: string) => string {
  if (view.stopping) return colors.yellow;
  if (view.state === 'SUCCEEDED') return colors.green;
  return view.state === 'FAILED' || view.state === 'CANCELED' ? colors.red : colors.cyan;
}

/** One cell per shard, or per group of neighbours when there are too many for the room. */
export function renderGrid(cells: readonly CellState[], room: number, colors: Colors): readonly string[] {
  const shown = groupCells(cells, room * MAX_GRID_LINES);
  const paint: Readonly<Record<CellState, (text: string) => string>> = {
    done: colors.green,
    moving: colors.cyan,
    faulty: colors.red,
    waiting: colors.dim,
  };
  const lines: string[] = [];
  for (let from = 0; from < shown.length; from += room) {
    lines.push(
      shown
        .slice(from, from + room)
        .map((cell) => paint[cell](GLYPHS[cell]))
        .join(''),
    );
  }
  return lines;
}

/** A group shows the worst of its shards: a fault, else movement, else whether all are done. */
export function groupCells(cells: readonly CellState[], limit: number): readonly CellState[] {
  const size = Math.ceil(cells.length / limit);
  if (size <= 1) return cells;
  return Array.from({ length: Math.ceil(cells.length / size) }, (_, i) =>
    worst(cells.slice(i * size, (i + 1) * size)),
  );
}

function worst(cells: readonly CellState[]): CellState {
  if (cells.includes('faulty')) return 'faulty';
  if (cells.includes('moving')) return 'moving';
  return cells.every((cell) => cell === 'done') ? 'done' : 'waiting';
}

function renderFacts(view: ProgressView, colors: Colors): readonly string[] {
  const dirty = `${formatCount(view.dirty)} dirty`;
  return [
    ...(view.cells.length > 0 ? [`shards ${formatCount(view.done)}/${formatCount(view.cells.length)}`] : []),
    countOf(view.rows, 'row'),
    formatRate(view.rowsPerSecond),
    formatThroughput(view.bytesPerSecond),
    view.dirty > 0 ? colors.yellow(dirty) : dirty,
    ...(view.etaMs === undefined ? [] : [`ETA ${formatClock(view.etaMs)}`]),
  ];
}

/** Facts side by side, as many per line as fit. */
function wrap(facts: readonly string[], room: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const fact of facts) {
    const longer = line === '' ? INDENT + fact : `${line} · ${fact}`;
    if (line !== '' && visibleWidth(longer) > room) {
      lines.push(line);
      line = INDENT + fact;
    } else line = longer;
  }
  return [...lines, line];
}

/** The one line of a place without a terminal. */
export function renderHeartbeat(view: ProgressView): string {
  const eta = view.etaMs === undefined ? '' : `, ETA ${formatClock(view.etaMs)}`;
  return (
    `${view.name} ${view.stopping ? 'stopping' : STATE_WORDS[view.state]} ${formatClock(view.elapsedMs)}: ` +
    `shards ${view.done}/${view.cells.length}, ${countOf(view.rows, 'row')}, ${formatRate(view.rowsPerSecond)}, ` +
    `${formatBytes(view.bytes)}, ${formatThroughput(view.bytesPerSecond)}, ${formatCount(view.dirty)} dirty${eta}`
  );
}

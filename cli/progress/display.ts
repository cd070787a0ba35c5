/** Shows a run while it goes on: redrawn in place on a terminal, else a line now and then. */
import type { CommandContext } from '../context.ts';
import { visibleWidth } from '../table.ts';
import { renderFrame, renderHeartbeat } from './frame.ts';
import type { ProgressView } from './view.ts';

/** Takes every moment of a run and shows those that are due. */
export interface Display {
  show(view: ProgressView): void;
  /** Leaves the place as it was found. */
  close(): void;
}

/** Pause between two frames: eight per second. */
export const FRAME_MS = 125;
const HEARTBEAT_MS = 10_000;
const EVENT_MS = 1_000;

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[J';
const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A\r` : '\r');

/** The display that fits where the output goes. */
export function createDisplay({ out, clock }: CommandContext): Display {
  if (out.isLive) return new LiveDisplay(out, () => clock.monotonicMs());
  const isEvents = out.mode === 'ndjson';
  const intervalMs = isEvents ? EVENT_MS : HEARTBEAT_MS;
  let dueMs = clock.monotonicMs() + (isEvents ? 0 : intervalMs);
  return {
    show(view) {
      if (clock.monotonicMs() < dueMs) return;
      dueMs = clock.monotonicMs() + intervalMs;
      if (isEvents) out.event('progress', eventOf(view));
      else out.note(renderHeartbeat(view));
    },
    close: () => undefined,
  };
}

const eventOf = ({ cells, ...view }: ProgressView): Record<string, unknown> => ({
  ...view,
  shards: cells.length,
});

/** Redraws a few lines in place, at most eight times a second. */
export class LiveDisplay implements Display {
  readonly #out: Pick<CommandContext['out'], 'raw' | 'width' | 'colors'>;
  readonly #nowMs: () => number;
  #drawn: readonly number[] = [];
  #drawnMs = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(out: Pick<CommandContext['out'], 'raw' | 'width' | 'colors'>, nowMs: () => number) {
    this.#out = out;
    this.#nowMs = nowMs;
  }

  show(view: ProgressView): void {
    if (this.#nowMs() - this.#drawnMs < FRAME_MS) return;
    this.#drawnMs = this.#nowMs();
    const frame = renderFrame(view, this.#out.width, this.#out.colors);
    this.#out.raw(`${this.#open ? '' : HIDE_CURSOR}${this.#erase()}${frame.join('\n')}\n`);
    this.#drawn = frame.map(visibleWidth);
    this.#open = true;
  }

  /** Removes the frame: what follows is the lasting report. */
  close(): void {
    if (!this.#open) return;
    this.#out.raw(this.#erase() + SHOW_CURSOR);
    this.#open = false;
  }

  /** A terminal made narrower since has wrapped the lines, so the frame is taller than it was drawn. */
  #erase(): string {
    if (!this.#open) return '';
    const width = Math.max(1, this.#out.width);
    const lines = this.#drawn.reduce((sum, drawn) => sum + Math.max(1, Math.ceil(drawn / width)), 0);
    return up(lines) + CLEAR_BELOW;
  }
}

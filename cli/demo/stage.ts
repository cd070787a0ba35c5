/** Tells the story: headings, facts below them, and what moves in between. Plain lines without a terminal. */
import type { CommandContext } from '../context.ts';
import { createDisplay, type Display, FRAME_MS } from '../progress/display.ts';
import { renderHeartbeat } from '../progress/frame.ts';
import type { ProgressView } from '../progress/view.ts';
import { shorten } from '../table.ts';

const STEPS = 5;
const INDENT = '    ';
/** Pause between two lines of progress where nothing can be redrawn. */
const LINE_MS = 2_500;
/** A terminal narrower than this wraps by itself. */
const MIN_ROOM = 30;
const CLEAR_LINE = '\r\u001b[K';

/** The place where the demo appears. */
export class Stage {
  readonly #context: CommandContext;
  readonly #display: Display;
  #step = 0;
  #dueMs = 0;
  #line = false;
  #closed = false;

  constructor(context: CommandContext) {
    this.#context = context;
    this.#display = createDisplay(context);
  }

  /** A text of its own, for the beginning and the end. */
  say(...lines: readonly string[]): void {
    if (this.#closed) return;
    this.clear();
    for (const line of lines) this.#context.out.line(line);
  }

  /** Begins the next step. */
  step(title: string): void {
    const { out } = this.#context;
    this.say('', out.colors.bold(`${++this.#step}/${STEPS}  ${title}`));
    this.#dueMs = this.#nowMs() + LINE_MS;
  }

  /** Lines worth keeping of the present step, as they are. */
  lines(...lines: readonly string[]): void {
    this.say(...lines.map((line) => INDENT + line));
  }

  /** A sentence worth keeping of the present step; a terminal gets it wrapped between words. */
  fact(sentence: string, paint: (text: string) => string = (text) => text): void {
    const { out } = this.#context;
    const room = out.isLive ? Math.max(MIN_ROOM, out.width - INDENT.length - 1) : Number.POSITIVE_INFINITY;
    this.lines(...wrapWords(sentence, room).map(paint));
  }

  /** How far a step is: redrawn in place on a terminal, else a line now and then. */
  progress(text: string): void {
    const { out } = this.#context;
    if (this.#closed || !this.#isDue(out.isLive ? FRAME_MS : LINE_MS)) return;
    if (out.isLive) {
      out.raw(CLEAR_LINE + INDENT + shorten(text, out.width - INDENT.length - 1));
      this.#line = true;
    } else this.fact(text);
  }

  /** How far the run is. */
  show(view: ProgressView): void {
    if (this.#closed) return;
    if (this.#context.out.isLive) this.#display.show(view);
    else if (this.#isDue(LINE_MS)) this.fact(renderHeartbeat(view));
  }

  /** Says the last lines. What still goes on behind the curtain is not shown any more. */
  close(...lines: readonly string[]): void {
    this.say(...lines);
    this.#closed = true;
  }

  /** Removes whatever is redrawn in place and leaves the terminal as it was found. */
  clear(): void {
    this.#display.close();
    if (this.#line) this.#context.out.raw(CLEAR_LINE);
    this.#line = false;
  }

  #isDue(intervalMs: number): boolean {
    if (this.#nowMs() < this.#dueMs) return false;
    this.#dueMs = this.#nowMs() + intervalMs;
    return true;
  }

  #nowMs(): number {
    return this.#context.clock.monotonicMs();
  }
}

/** A sentence in lines of at most `room` characters, where its words allow. */
export function wrapWords(sentence: string, room: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

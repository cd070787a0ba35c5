/** Something that happens at a moment of virtual time. */
interface Happening {
  readonly atMs: number;
  /** Order of being asked for: ties are broken by it, so that a seed always replays. */
  readonly order: number;
  readonly act: () => void;
}

// Taken before the guard of the globals is put up.
const macroTurn = setImmediate;

/**
 * Virtual time: a heap of happenings. After each one the event loop turns once, so that every promise that it
 * settled has run as far as it can before the next one begins.
 */
export class Scheduler {
  readonly startMs: number;
  nowMs: number;
  events = 0;
  readonly #heap: Happening[] = [];
  #order = 0;

  constructor(startMs: number) {
    this.startMs = startMs;
    this.nowMs = startMs;
  }

  /** Minutes since the beginning. */
  get minutes(): number {
    return (this.nowMs - this.startMs) / 60_000;
  }

  in(delayMs: number, act: () => void): void {
    this.at(this.nowMs + Math.max(0, delayMs), act);
  }

  at(atMs: number, act: () => void): void {
    const heap = this.#heap;
    const happening: Happening = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, act };
    let i = heap.push(happening) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(happening, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = happening;
  }

  /** Lets things happen until none is left, or `ended` says so. */
  async run(ended: () => boolean): Promise<void> {
    for (let next = this.#pop(); next && !ended(); next = this.#pop()) {
      this.nowMs = next.atMs;
      this.events++;
      next.act();
      await new Promise<void>((resolve) => {
        macroTurn(resolve);
      });
    }
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

const before = (a: Happening, b: Happening): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

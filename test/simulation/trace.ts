/** Lines kept for the report of a failing seed. */
const KEPT_LINES = 200;

/** Everything that happened, as a running hash of 64 bits and the last lines in full. */
export class Trace {
  #a = 0x9e3779b9;
  #b = 0x85ebca6b;
  readonly #last: string[] = [];
  #next = 0;
  /** Called with every line, to watch a run. */
  onLine: ((line: string) => void) | undefined;

  /** `kept` = worth a line in a report. */
  add(line: string, kept: boolean): void {
    for (let i = 0; i < line.length; i++) {
      const unit = line.charCodeAt(i);
      this.#a = Math.imul(this.#a ^ unit, 0x01000193);
      this.#b = Math.imul(this.#b ^ unit, 0xcc9e2d51) + this.#a;
    }
    if (kept) this.#last[this.#next++ % KEPT_LINES] = line;
    this.onLine?.(line);
  }

  get hash(): string {
    const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, '0');
    return hex(this.#a) + hex(this.#b);
  }

  get last(): readonly string[] {
    const split = this.#next % KEPT_LINES;
    return this.#next <= KEPT_LINES
      ? this.#last
      : [...this.#last.slice(split), ...this.#last.slice(0, split)];
  }
}

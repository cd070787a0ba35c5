/** Seeded randomness: sfc32 by Chris Doty-Humphrey, seeded through splitmix-like mixing. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Streams of the same seed with different names are independent of each other. */
  constructor(seed: number, stream: string) {
    let mixed = seed >>> 0;
    for (let i = 0; i < stream.length; i++) mixed = Math.imul(mixed ^ stream.charCodeAt(i), 0x85ebca6b) >>> 0;
    this.#a = mixed ^ 0x9e3779b9;
    this.#b = Math.imul(mixed, 0xc2b2ae35);
    this.#c = seed | 0;
    for (let i = 0; i < 12; i++) this.next();
  }

  /** Uniform in [0, 1). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Whole number, both ends included. */
  int(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.next());
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[Math.floor(this.next() * from.length)] ?? from[0];
  }

  /** Exponential with this mean; one in fifty is drawn from a tail twenty times as long. */
  latency(mean: number): number {
    const scale = this.next() < 0.02 ? mean * 20 : mean;
    return -Math.log(1 - this.next()) * scale;
  }
}

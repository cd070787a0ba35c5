/** While a seed runs, nothing may reach real time or real randomness: a run must be a function of its seed. */

/** A way to the real world was taken inside a simulation. */
export class EscapeError extends Error {}

type Restore = () => void;

function forbid(owner: object, name: string): Restore {
  const real = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, {
    configurable: true,
    writable: true,
    value: () => {
      throw new EscapeError(`${name} was called inside the simulation`);
    },
  });
  return () => {
    if (real) Object.defineProperty(owner, name, real);
    else Reflect.deleteProperty(owner, name);
  };
}

/** Runs `body` with the clocks, timers and random numbers of the machine forbidden. */
export async function withoutRealWorld<T>(body: () => Promise<T>): Promise<T> {
  const restore = [
    forbid(Date, 'now'),
    forbid(Math, 'random'),
    forbid(performance, 'now'),
    forbid(globalThis, 'setTimeout'),
    forbid(globalThis, 'setInterval'),
    forbid(globalThis, 'setImmediate'),
    forbid(crypto, 'randomUUID'),
    forbid(crypto, 'getRandomValues'),
  ];
  try {
    return await body();
  } finally {
    for (const undo of restore) undo();
  }
}

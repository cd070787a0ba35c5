/**
 * What `make` makes of each item, one item ahead: while the consumer works with one, the next is fetched and made. Left
 * early, it waits for the item on its way and closes the source behind it.
 */
export async function* readAhead<T, R>(source: AsyncIterable<T>, make: (item: T) => R): AsyncGenerator<R> {
  const items = source[Symbol.asyncIterator]();
  const fetch = async (): Promise<{ readonly made: R } | undefined> => {
    const next = await items.next();
    return next.done ? undefined : { made: make(next.value) };
  };
  let coming = fetch();
  try {
    for (let item = await coming; item; item = await coming) {
      coming = fetch();
      // Its fault is told when its turn comes.
      coming.catch(() => undefined);
      yield item.made;
    }
  } finally {
    await coming.catch(() => undefined);
    await items.return?.();
  }
}

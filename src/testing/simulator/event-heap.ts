/** What is to happen at which instant: a binary heap, ties in the order in which they were added. */

/** Events of a simulated clock. */
export interface EventHeap {
  /** @returns what cancels the event; of no effect once it has happened. */
  add(at: number, run: () => void): () => void;
  /** The next instant at which anything happens. */
  nextAt(): number | undefined;
  /** Runs everything that is due, what is added for that same instant meanwhile not included. */
  runAll(now: number): void;
  /** Events that are neither cancelled nor over. */
  readonly size: number;
}

interface Event {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** A heap without events. */
export function createEventHeap(): EventHeap {
  const events: Event[] = [];
  let order = 0;
  let size = 0;

  function before(a: number, b: number): boolean {
    const [left, right] = [events[a]!, events[b]!];
    return left.at < right.at || (left.at === right.at && left.order < right.order);
  }

  function swap(a: number, b: number): void {
    [events[a], events[b]] = [events[b]!, events[a]!];
  }

  function up(from: number): void {
    for (let at = from; at > 0 && before(at, (at - 1) >> 1); at = (at - 1) >> 1) {
      swap(at, (at - 1) >> 1);
    }
  }

  function down(): void {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const least = left + 1 < events.length && before(left + 1, left) ? left + 1 : left;
      if (least >= events.length || !before(least, at)) {
        return;
      }
      swap(at, least);
      at = least;
    }
  }

  function pop(): Event | undefined {
    const [first] = events;
    const last = events.pop();
    if (last !== undefined && events.length > 0) {
      events[0] = last;
      down();
    }
    return first;
  }

  function next(): Event | undefined {
    while (events.length > 0 && events[0]!.run === undefined) {
      pop();
    }
    return events[0];
  }

  return {
    get size() {
      return size;
    },
    add(at, run) {
      const event: Event = { at, order: order++, run };
      events.push(event);
      up(events.length - 1);
      size++;
      return () => {
        size -= event.run === undefined ? 0 : 1;
        event.run = undefined;
      };
    },
    nextAt: () => next()?.at,
    runAll(now) {
      const upTo = order;
      for (let event = next(); event !== undefined && event.at <= now && event.order < upTo; event = next()) {
        pop();
        const { run } = event;
        event.run = undefined;
        size--;
        run?.();
      }
    },
  };
}

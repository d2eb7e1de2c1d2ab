"""Collections side by side, a thread each: a slow site holds up no other.

Their records come out in one place, a turn (see `turns`) in one piece.
"""

import queue
import threading
from collections.abc import Iterator, Sequence

from auditor.model import Record
from auditor.run.turns import Turn, turns
from auditor.snmp.pace import Gate, StoppedError

AT_ONCE = 8
_LOOK = 0.2


def side_by_side(collections: Sequence[Iterator[Record]], gate: Gate) -> Iterator[Record]:
    """Yield the records of all collections as they come, few collections at a time.

    An interruption or a bug in one stops all by their gate; what they had read is yielded before it goes on.
    """
    # Whoever reads faster than the journal is written waits here.
    out: queue.Queue[Turn | BaseException | None] = queue.Queue(maxsize=AT_ONCE)
    waiting = queue.SimpleQueue[Iterator[Record]]()
    for collection in collections:
        waiting.put(collection)
    threads = [
        threading.Thread(target=_work, args=(waiting, out), name=f"site-{number}", daemon=True)
        for number in range(min(AT_ONCE, len(collections)))
    ]
    left, failure = len(threads), None
    for thread in threads:
        thread.start()
    try:
        while left:
            item = _next(out)
            if isinstance(item, list):
                yield from item
            elif item is None:
                left -= 1
            else:
                gate.close()
                failure = failure or item
        if failure is not None:
            raise failure
    finally:
        gate.close()
        while left:
            left -= out.get() is None
        for thread in threads:
            thread.join()


def _next(out: "queue.Queue[Turn | BaseException | None]") -> Turn | BaseException | None:
    while True:
        try:
            # A signal that another thread was given is acted on when this one moves.
            return out.get(timeout=_LOOK)
        except queue.Empty:
            continue
        except KeyboardInterrupt as stop:
            return stop


def _work(waiting: "queue.SimpleQueue[Iterator[Record]]", out: "queue.Queue[Turn | BaseException | None]") -> None:
    """Run one collection after the other until none is left; a bug ends them all."""
    try:
        while True:
            collection = waiting.get_nowait()
            with turns(out.put) as add:
                for record in collection:
                    add(record)
    except (queue.Empty, StoppedError):
        pass
    except BaseException as exc:  # noqa: BLE001 - handed over to the thread that asked, which raises it
        out.put(exc)
    finally:
        out.put(None)

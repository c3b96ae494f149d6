"""Reading ahead: a thread of its own fetches the next chunks while those before them are used."""

import threading
from collections.abc import Generator
from queue import Empty, Queue

WAITING = 8  # chunks that are fetched and not yet used, at most


def read_ahead(chunks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """Yield the ``chunks`` (generator of bytes), fetched in a thread that ends with this generator.

    It pays where fetching leaves Python's lock to others, as decompressing does.  Raises what ``chunks`` raises.

    >>> list(read_ahead(chunk for chunk in (b"a", b"b")))
    [b'a', b'b']
    """
    fetched: Queue[bytes | BaseException | None] = Queue(WAITING)
    stop = threading.Event()

    def fetch() -> None:
        try:
            for chunk in chunks:
                fetched.put(chunk)
                if stop.is_set():
                    break
            fetched.put(None)
        except BaseException as error:
            fetched.put(error)
        finally:
            chunks.close()

    thread = threading.Thread(target=fetch, name="read ahead", daemon=True)
    thread.start()
    try:
        while (chunk := fetched.get()) is not None:
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk
    finally:
        stop.set()
        while thread.is_alive():  # which may wait for room
            try:
                fetched.get(timeout=0.01)
            except Empty:
                continue
        thread.join()

from trace import *


def wiper(n):
    trace("wipes %d", n)
    if n < 0:
        yield 0
    return n


def cleaner(n, fails):
    value = yield from wiper(n=n)
    if fails:
        raise EFIRST("cleaner")
    return 10 * value


def level(n, fails_at):
    try:
        if n < 3:
            yield from level(n=n + 1, fails_at=fails_at)
        else:
            yield 1
    finally:
        show_caught()
        value = yield from cleaner(n=n, fails=n == fails_at)
        trace("cleaned %d", value)


for fails_at in range(4):
    g = level(n=1, fails_at=fails_at)
    show_next(g)
    show_close(g)
    show_state(g)
    g = level(n=1, fails_at=fails_at)
    show_next(g)
    show_throw_text(g, ESECOND, "thrown")

from trace import *


def tower(level, stops_at=0):
    try:
        try:
            if level == 0:
                sent = yield 1
                show_sent(sent)
                return 0
            value = yield from tower(level=level - 1, stops_at=stops_at)
            return (value or 0) + level
        except EFIRST:
            if level != stops_at:
                raise
            trace("stopped at %d", level)
            yield 10 * level
    finally:
        trace("leaves %d", level)


g = tower(level=9)
show_next(g)
show_send(g, 5)
show_next(g)
g = tower(level=9)
show_next(g)
show_close(g)
show_state(g)
g = tower(level=9, stops_at=4)
show_next(g)
show_throw(g, EFIRST)
show_next(g)
g = tower(level=9)
show_next(g)
show_throw(g, ESECOND)

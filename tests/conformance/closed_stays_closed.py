from trace import *


FALLS, RETURNS, RAISES, CLOSES = WAYS = range(4)


def ender(way):
    yield 1
    if way == RETURNS:
        return 7
    if way == RAISES:
        raise EFIRST


for way in WAYS:
    g = ender(way=way)
    show_next(g)
    if way == CLOSES:
        show_close(g)
    else:
        show_next(g)
    show_state(g)
    show_next(g)
    show_send(g, 5)
    show_close(g)
    show_next(g)
    show_state(g)

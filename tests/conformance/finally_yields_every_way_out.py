from trace import *


FALLS, BREAKS, CONTINUES, RETURNS, RAISES = WAYS = range(5)


def leaver(way):
    for i in range(2):
        try:
            if way == BREAKS:
                break
            if way == CONTINUES:
                continue
            if way == RETURNS:
                return 7
            if way == RAISES:
                raise EFIRST
        finally:
            sent = yield i
            show_sent(sent)
        trace("end of round")
    trace("after")


for way in WAYS:
    g = leaver(way=way)
    show_next(g)
    show_send(g, 5)
    show_send(g, 6)
    show_state(g)

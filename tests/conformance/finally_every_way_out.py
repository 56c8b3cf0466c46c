from trace import *


FALLS, BREAKS, CONTINUES, RETURNS, STOPS, RAISES = WAYS = range(6)


def leaver(way):
    for i in range(2):
        try:
            yield i
            if way == BREAKS:
                break
            if way == CONTINUES:
                continue
            if way == RETURNS:
                return 7
            if way == STOPS:
                return
            if way == RAISES:
                raise EFIRST
            trace("end of try")
        finally:
            trace("finally")
        trace("end of round")
    trace("after")


for way in WAYS:
    g = leaver(way=way)
    show_next(g)
    show_next(g)
    show_next(g)

from trace import *


FALLS, BREAKS, CONTINUES, RETURNS, RAISES = WAYS = range(5)


def leaver(way, again):
    i = 0
    while i < 2:
        i += 1
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
            trace("finally %d", i)
            if again == BREAKS:
                break
            if again == CONTINUES:
                continue
            if again == RETURNS:
                return 8
            if again == RAISES:
                raise ESECOND
        trace("end of round")
    yield i


for way in WAYS:
    for again in WAYS:
        g = leaver(way=way, again=again)
        trace("way %d, then %d", way, again)
        show_next(g)

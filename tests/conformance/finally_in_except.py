from trace import *


FALLS, BREAKS, RETURNS, RAISES = WAYS = range(4)


def handler(way):
    while True:
        try:
            raise EFIRST
        except EFIRST:
            try:
                show_caught()
                yield 1
                if way == BREAKS:
                    break
                if way == RETURNS:
                    return 7
                if way == RAISES:
                    raise ESECOND
            finally:
                trace("finally")
                yield 2
            trace("end of except")
        return
    trace("after the loop")


for way in WAYS:
    g = handler(way=way)
    show_next(g)
    show_next(g)
    show_next(g)

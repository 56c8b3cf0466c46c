from trace import *


def looper():
    for i in range(9):
        try:
            yield i
            if i % 2:
                raise EFIRST
        except EFIRST:
            if i == 3:
                continue
            if i == 5:
                break
            trace("odd %d", i)
        trace("end of round")
    trace("after")


g = looper()
show_rest(g)

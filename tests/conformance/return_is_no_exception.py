from trace import *


def quiet(stops):
    try:
        try:
            try:
                try:
                    if stops:
                        return
                    return 7
                except BaseException:
                    trace("not reached")
            finally:
                trace("inner")
        except BaseException:
            trace("not reached")
    finally:
        trace("outer")
    yield 1


g = quiet(stops=0)
show_next(g)
show_next(g)
g = quiet(stops=1)
show_next(g)
show_next(g)

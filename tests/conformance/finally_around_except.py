from trace import *


def guarded():
    try:
        try:
            yield 1
            trace("end of try")
        except EFIRST:
            trace("except")
            yield 2
        except ESECOND:
            raise ETHIRD
        trace("end of guarded")
    finally:
        trace("finally")
    trace("after")


g = guarded()
show_rest(g)
for code in EFIRST, ESECOND, EFOURTH, GEN_EXIT:
    g = guarded()
    show_next(g)
    show_throw(g, code)
    show_next(g)

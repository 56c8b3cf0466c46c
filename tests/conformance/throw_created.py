from trace import *


def guarded():
    try:
        try:
            trace("begun")
            yield 1
        except BaseException:
            trace("except")
    finally:
        trace("finally")


for code in EFIRST, GEN_EXIT, GEN_CANCELLED, GEN_STOP:
    g = guarded()
    show_throw(g, code)
    show_state(g)
    show_next(g)

from trace import *


def guarded():
    try:
        yield 1
    finally:
        show_caught()


g = guarded()
show_throw_text(g, EFIRST, "created")
show_throw_text(g, ESECOND, "ended")
g = guarded()
show_next_text(g)
show_throw_text(g, GEN_EXIT, "suspended")
show_throw_text(g, GEN_EXIT, "ended")
show_next_text(g)

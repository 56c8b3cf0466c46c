from trace import *


def child():
    try:
        yield 1
    finally:
        raise EFIRST("child")


def parent(catches):
    try:
        yield from child()
        trace("not reached")
    except BaseException:
        show_caught()
        if not catches:
            raise


for catches in 0, 1:
    g = parent(catches=catches)
    show_next(g)
    show_close(g)
    show_state(g)
    g = parent(catches=catches)
    show_next(g)
    show_throw(g, GEN_EXIT)
    show_state(g)

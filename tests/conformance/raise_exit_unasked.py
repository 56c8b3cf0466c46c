from trace import *


def quitter():
    yield 1
    raise GEN_EXIT("unasked")


def parent(catches):
    try:
        yield from quitter()
    except Exception:
        trace("not reached")
    except GEN_EXIT:
        show_caught()
        if not catches:
            raise
    yield 2


g = quitter()
show_next_text(g)
show_next_text(g)
show_next_text(g)
for catches in 0, 1:
    g = parent(catches=catches)
    show_next_text(g)
    show_next_text(g)
    show_next_text(g)
    g = parent(catches=catches)
    show_next(g)
    show_send(g, 5)
    show_close(g)

from trace import *


def narcissus(catches):
    yield 1
    try:
        yield from me
        trace("not reached")
    except GEN_ERUNNING:
        show_caught()
        if not catches:
            raise
    yield 2


for catches in 0, 1:
    me = narcissus(catches=catches)
    show_rest(me)
    show_state(me)

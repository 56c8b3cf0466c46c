from trace import *


OBEYS, RETURNS, RAISES, YIELDS, STOPS, FALLS, CANCELS = ANSWERS = range(7)


def leaver(answer):
    try:
        yield 1
    except GEN_EXIT:
        trace("told")
        if answer == OBEYS:
            raise
        if answer == RETURNS:
            return 7
        if answer == RAISES:
            raise EFIRST
        if answer == YIELDS:
            yield 2
        if answer == STOPS:
            raise GEN_STOP
        if answer == CANCELS:
            raise GEN_CANCELLED
    trace("after")


for answer in ANSWERS:
    g = leaver(answer=answer)
    show_next(g)
    show_close(g)
    show_state(g)
    show_next(g)
    show_close(g)

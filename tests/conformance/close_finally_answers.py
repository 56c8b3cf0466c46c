from trace import *


LEAVES, RETURNS, RAISES, BREAKS, CONTINUES, YIELDS = ANSWERS = range(6)


def guarded(answer):
    for i in range(2):
        try:
            if i == 0:
                yield 1
            trace("round %d", i)
        finally:
            trace("finally")
            if answer == RETURNS:
                return 7
            if answer == RAISES:
                raise EFIRST
            if answer == BREAKS:
                break
            if answer == CONTINUES:
                continue
            if answer == YIELDS:
                yield 2
        trace("not reached")
    trace("after")


for answer in ANSWERS:
    g = guarded(answer=answer)
    show_next(g)
    show_close(g)
    show_state(g)
    show_next(g)

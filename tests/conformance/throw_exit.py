from trace import *


OBEYS, RETURNS, YIELDS, RAISES = ANSWERS = range(4)


def leaver(answer):
    try:
        yield 1
    except GEN_EXIT:
        show_caught()
        if answer == OBEYS:
            raise
        if answer == RETURNS:
            return 7
        if answer == YIELDS:
            yield 2
        if answer == RAISES:
            raise EFIRST
    trace("after")


for answer in ANSWERS:
    g = leaver(answer=answer)
    show_next(g)
    show_throw(g, GEN_EXIT)
    show_state(g)
    show_next(g)

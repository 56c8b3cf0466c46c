from trace import *


OBEYS, RETURNS, RAISES = ANSWERS = range(3)


def inner(answer):
    try:
        yield 1
    except BaseException:
        trace("inner")
        show_caught()
        if answer == OBEYS:
            raise
        if answer == RAISES:
            raise EFIRST


def middle(answer, inner_answer):
    try:
        yield from inner(answer=inner_answer)
        trace("not reached")
    except BaseException:
        trace("middle")
        show_caught()
        if answer == OBEYS:
            raise
        if answer == RAISES:
            raise ESECOND


def outer(middle_answer, inner_answer):
    try:
        yield from middle(answer=middle_answer, inner_answer=inner_answer)
        trace("outer goes on")
        yield 2
    except BaseException:
        trace("outer")
        show_caught()
        raise


for m in ANSWERS:
    for i in ANSWERS:
        g = outer(middle_answer=m, inner_answer=i)
        show_next(g)
        show_close(g)
        show_state(g)

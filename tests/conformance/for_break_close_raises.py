from trace import *


LEAVES, RETURNS, RAISES, YIELDS = ANSWERS = range(4)


def guarded(answer):
    try:
        yield 1
    finally:
        trace("finally")
        if answer == RETURNS:
            return 7
        if answer == RAISES:
            raise EFIRST("dropped")
        if answer == YIELDS:
            yield 2


for answer in ANSWERS:
    for x in guarded(answer=answer):
        trace("item %d", x)
        break
    trace("after the loop")

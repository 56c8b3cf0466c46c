from trace import *


def counter(code):
    for i in range(2):
        yield i
    raise code("after two")


for code in EFIRST, GEN_CANCELLED, GEN_STOP:
    try:
        for x in counter(code=code):
            trace("item %d", x)
    except BaseException as exc:
        unhandled(exc)

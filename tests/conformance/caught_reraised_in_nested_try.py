from trace import *


def again():
    try:
        yield 1
    except BaseException:
        try:
            try:
                raise
            finally:
                show_caught()
        except ESECOND:
            trace("a second")
            raise
        except EFIRST:
            show_caught()
        show_caught()
    yield 2


for code in EFIRST, ESECOND, ETHIRD, GEN_EXIT:
    g = again()
    show_next(g)
    show_throw_text(g, code, "thrown")

from trace import *


def chooser(code):
    try:
        if code:
            raise code
        trace("end of try")
    except EFIRST:
        trace("first")
    except ESECOND:
        trace("second")
        yield 2
    except Exception:
        trace("any")
    except GEN_EXIT:
        trace("exit")
    except BaseException:
        trace("all")
    yield 1


for code in 0, EFIRST, ESECOND, ETHIRD, GEN_STOP, GEN_EXIT, GEN_CANCELLED:
    g = chooser(code=code)
    show_rest(g)

from trace import *


def keeper():
    try:
        yield 1
    except Exception as caught:
        kept = caught
        yield 2
        try:
            raise ESECOND
        except Exception:
            yield 3
    yield 4
    raise kept


g = keeper()
show_next(g)
show_throw_text(g, EFIRST, "thrown")
show_next(g)
show_next(g)
show_next_text(g)

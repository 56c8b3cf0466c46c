from trace import *


def child(fails):
    yield 1
    if fails:
        raise ESECOND


def parent(raises, fails):
    try:
        if raises:
            raise EFIRST
        return 7
    finally:
        yield from child(fails=fails)
        trace("finally ends")


for raises in 0, 1:
    for fails in 0, 1:
        g = parent(raises=raises, fails=fails)
        show_next(g)
        show_next(g)
        g = parent(raises=raises, fails=fails)
        show_next(g)
        show_throw(g, ETHIRD)
        g = parent(raises=raises, fails=fails)
        show_next(g)
        show_close(g)

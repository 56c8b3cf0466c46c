from trace import *


def replacer(with_text):
    try:
        yield 1
    finally:
        if with_text:
            raise ESECOND("its own")
        raise ESECOND


for with_text in 0, 1:
    g = replacer(with_text=with_text)
    show_next(g)
    show_throw_text(g, EFIRST, "thrown")
    g = replacer(with_text=with_text)
    show_next(g)
    show_next_text(g)

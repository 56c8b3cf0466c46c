from trace import *


def child(raises):
    try:
        yield 1
    except GEN_EXIT:
        if raises:
            raise GEN_EXIT("the child's own")
    return 7


def parent(raises):
    try:
        yield from child(raises=raises)
    finally:
        show_caught()


for raises in 0, 1:
    g = parent(raises=raises)
    show_next(g)
    show_throw_text(g, GEN_EXIT, "thrown")
    g = parent(raises=raises)
    show_next(g)
    show_close(g)

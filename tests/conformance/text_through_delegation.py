from trace import *


def inner():
    try:
        yield 1
        raise EFIRST("raised inside")
    finally:
        sent = yield 2
        show_sent(sent)


def middle():
    try:
        yield from inner()
    except BaseException:
        show_caught()
        raise


def outer():
    yield from middle()


g = outer()
show_next_text(g)
show_next_text(g)
show_next_text(g)
g = outer()
show_next_text(g)
show_throw_text(g, ESECOND, "thrown")
show_next_text(g)
g = outer()
show_next_text(g)
show_throw_text(g, GEN_CANCELLED, "an order")
show_throw_text(g, ETHIRD, "another")

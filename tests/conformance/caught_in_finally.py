from trace import *


def guarded():
    try:
        raise EFIRST("1")
    except Exception:
        try:
            show_caught()
            raise ESECOND("2")
        finally:
            show_caught()
            try:
                raise ETHIRD("3")
            except ETHIRD:
                show_caught()
            show_caught()
            try:
                trace("nothing raised here")
            finally:
                show_caught()
    yield 1


g = guarded()
show_next_text(g)

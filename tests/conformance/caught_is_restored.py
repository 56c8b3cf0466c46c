from trace import *


def deep():
    try:
        raise EFIRST("1")
    except Exception:
        show_caught()
        try:
            raise ESECOND("2")
        except Exception:
            show_caught()
            try:
                raise ETHIRD("3")
            except Exception:
                show_caught()
            show_caught()
        show_caught()
        raise
    yield 1


g = deep()
show_next_text(g)

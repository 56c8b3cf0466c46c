from trace import *


def leaver():
    for i in range(4):
        try:
            raise EFIRST("of the clause")
        except EFIRST:
            try:
                if i == 0:
                    continue
                if i == 1:
                    break
                return 7
            finally:
                show_caught()
    yield 1
    try:
        raise ESECOND("of the other")
    except ESECOND:
        try:
            return 7
        finally:
            show_caught()


g = leaver()
show_next(g)
show_next(g)

from trace import *


def flatten(list):
    if isinstance(list, int):
        if list < 0:
            raise EFIRST("below zero")
        yield list
        return
    for item in list:
        yield from flatten(list=item)


three = [3]
deep = [2, three, []]
all = [1, deep, 4]
bad = [5, -1, 6]
g = flatten(list=all)
show_rest(g)
g = flatten(list=[all, bad, all])
show_rest(g)

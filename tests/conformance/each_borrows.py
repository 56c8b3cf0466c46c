from trace import *


def counter():
    try:
        for i in range(6):
            yield i
    finally:
        trace("finally")


g = counter()
for x in g:
    trace("item %d", x)
    if x == 1:
        break
show_state(g)
for x in g:
    if x == 2:
        continue
    trace("item %d", x)
    if x == 3:
        break
show_next(g)
for x in g:
    trace("item %d", x)
show_state(g)
for x in g:
    trace("not reached")
trace("last %d", x)

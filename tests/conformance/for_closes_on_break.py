from trace import *


def counter(n):
    i = 0
    try:
        while i < n:
            yield i
            i += 1
    finally:
        trace("finally at %d", i)


for x in counter(n=3):
    if x == 1:
        continue
    trace("item %d", x)
for x in counter(n=9):
    trace("item %d", x)
    if x == 2:
        break
for x in counter(n=0):
    trace("not reached %d", x)
for x in counter(n=2):
    for y in counter(n=9):
        trace("item %d %d", x, y)
        if y == x:
            break

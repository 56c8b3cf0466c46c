from trace import *


def task(name, turns):
    try:
        for i in range(turns):
            if name == 2 and i == 2:
                raise EFIRST
            yield 10 * name + i
        return 100 * name
    finally:
        trace("task %d leaves", name)


tasks = [
    task(name=1, turns=2),
    task(name=2, turns=9),
    task(name=3, turns=5),
]
for turn in range(7):
    for i in range(3):
        show_next(tasks[i])

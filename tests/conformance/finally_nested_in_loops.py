from trace import *


FALLS, BREAKS, CONTINUES, RETURNS, RAISES = WAYS = range(5)


def nested(way):
    try:
        for i in range(2):
            try:
                for j in range(2):
                    try:
                        yield 10 * i + j
                        if way == BREAKS:
                            break
                        if way == CONTINUES:
                            continue
                        if way == RETURNS:
                            return 7
                        if way == RAISES:
                            raise EFIRST
                        trace("end of try")
                    finally:
                        yield 100
            finally:
                yield 200
    finally:
        yield 300
    trace("after")


for way in WAYS:
    g = nested(way=way)
    show_rest(g)

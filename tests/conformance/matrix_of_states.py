from trace import *


STATES = range(7)
CREATED, IN_BODY, IN_TRY, IN_EXCEPT, IN_FINALLY, DELEGATING, ENDED = STATES
NEXT, SEND, THROW, EXIT, CANCEL, STOP, CLOSE = OPERATIONS = range(7)


def child():
    try:
        sent = yield 1
        show_sent(sent)
    except EFIRST:
        yield 2
    return 7


def body(state):
    if state == IN_BODY:
        yield 1
    if state == DELEGATING:
        yield from child()
    if state == ENDED:
        return 8
    try:
        try:
            if state == IN_TRY:
                yield 1
            if state == IN_EXCEPT:
                raise ESECOND
        except EFIRST:
            trace("except")
        except ESECOND:
            yield 1
            trace("end of except")
        trace("end of try")
    finally:
        if state == IN_FINALLY:
            yield 1
        trace("end of finally")
    return 9


for state in STATES:
    for operation in OPERATIONS:
        g = body(state=state)
        if state != CREATED:
            show_next(g)
        if operation == NEXT:
            show_next(g)
        if operation == SEND:
            show_send(g, 5)
        if operation == THROW:
            show_throw(g, EFIRST)
        if operation == EXIT:
            show_throw(g, GEN_EXIT)
        if operation == CANCEL:
            show_throw(g, GEN_CANCELLED)
        if operation == STOP:
            show_throw(g, GEN_STOP)
        if operation == CLOSE:
            show_close(g)
        show_state(g)
        show_next(g)

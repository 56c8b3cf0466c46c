#include "opaque.h"

bool range_machine_next(struct range_machine *m, long *out)
{
    switch (m->state) {
    case MACHINE_CREATED:
        break;
    case MACHINE_SUSPENDED:
        m->i += m->step;
        break;
    case MACHINE_CLOSED:
        return false;
    }
    if (m->i >= m->stop) {
        m->state = MACHINE_CLOSED;
        return false;
    }
    *out = m->i;
    m->state = MACHINE_SUSPENDED;
    return true;
}

/* The value does not matter to a machine that has not begun. */
bool total_machine_send(struct total_machine *m, long value, long *out)
{
    switch (m->state) {
    case MACHINE_CREATED:
        break;
    case MACHINE_SUSPENDED:
        m->sum += value;
        break;
    case MACHINE_CLOSED:
        return false;
    }
    *out = m->sum;
    m->state = MACHINE_SUSPENDED;
    return true;
}

/* A code of 0 is none; a code that is not known ends it. */
bool ticks_machine_throw(struct ticks_machine *m, int code, long *out)
{
    switch (m->state) {
    case MACHINE_CREATED:
    case MACHINE_SUSPENDED:
        if (code == 0)
            break;
        if (code == OPAQUE_TICK && m->state == MACHINE_SUSPENDED) {
            m->n++;
            break;
        }
        m->state = MACHINE_CLOSED;
        return false;
    case MACHINE_CLOSED:
        return false;
    }
    *out = m->n;
    m->state = MACHINE_SUSPENDED;
    return true;
}

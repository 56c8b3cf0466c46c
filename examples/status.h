/* status.h - the exit status for what loop_run came to; what is no success is told on stderr. After
 * Ctrl-C it is 130, as a shell has it. */
#ifndef EXAMPLES_STATUS_H
#define EXAMPLES_STATUS_H

#include <signal.h>
#include <stdio.h>

#include "loop/loop.h"

static inline int exit_status(const char *program, int code)
{
    if (code != 0)
        fprintf(stderr, "%s: %s\n", program,
                code == GEN_CANCELLED ? "interrupted" : loop_error_name(code));
    return code == GEN_CANCELLED ? 128 + SIGINT : code != 0;
}

#endif

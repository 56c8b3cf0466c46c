/* dump.h - what a loop is doing: its tasks, and what they wait for; its descriptors and timers, and
 * whose they are.
 *
 *     tasks: 2
 *     main: waits
 *         main (server.c:40)
 *     client: sleeps for 0.500 s
 *         client (client.c:12)
 *     descriptors: 2
 *         server 5: read by main (server.c:40)
 *         stream 7
 *     timers: 2
 *         in 0.500 s: client sleeps (client.c:12)
 *         in 5.000 s: a deadline of main (server.c:40)
 *     ready: 0
 *
 * Costs nothing until it is asked. To ask a program that runs:
 *
 *     static void dump(void *loop) { (void)loop_dump(loop, stderr); }
 *     loop_add_signal_handler(loop, &handler, SIGUSR1, dump, loop);
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_DUMP_H
#define GEN_LOOP_DUMP_H

#include <stdio.h>

#include "loop/loop.h"

/* Writes it to a file: the tasks as task_dump does, each descriptor with its kind, number and who
 * waits for it, the timers in no order but that the next one comes first, and how many tasks and
 * calls are ready. 0; EIO: it could not all be written; LOOP_ETHREAD, LOOP_ECLOSED. */
int loop_dump(struct loop *loop, FILE *file);

#endif

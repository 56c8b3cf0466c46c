/* Datagrams to and fro: a socket that is asked, and a connected one that asks. A third is opened by
 * name: at which of localhost's addresses, faults decide. */
#include <string.h>

#include "faults.h"
#include "loop/datagram.h"

enum { MESSAGES = 5, SIZE = 100 };

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope time;
    struct datagram asked, asks, named;
    struct loop_sockaddr from;
    int i;
    size_t n;
    char got[SIZE];
    bool complete;
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            datagram_open(&self->asked, "127.0.0.1", 0, NULL, 0, 0);
            datagram_open(&self->asks, NULL, 0, "127.0.0.1", self->asked.port, DATAGRAM_BROADCAST);
            datagram_open(&self->named, "localhost", 0, "localhost", self->asked.port, 0);
            for (; self->i < MESSAGES; self->i++) {
                datagram_send(&self->asks, sent, SIZE, NULL);
                datagram_receive(self->n, &self->asked, self->got, SIZE, &self->from);
                datagram_send(&self->asked, self->got, self->n, &self->from);
                memset(self->got, 0, SIZE);
                datagram_receive(self->n, &self->asks, self->got, SIZE, NULL);
                expect_bytes(self->got, 0, self->n);
                if (self->n != SIZE)
                    violated("a datagram was cut");
            }
            self->complete = true;
        }
        gen_except_any {
            note(gen_caught.code);
        }
        gen_end_try
        datagram_close(&self->named);
        datagram_close(&self->asks);
        datagram_close(&self->asked);
    }
    task_end_scope
    gen_end();
}

SCENARIO(datagram_scenario, .name = "datagram");

/* A program that is given its input and asked for its output. In Python:
 *
 *     process = await asyncio.create_subprocess_exec('tr', 'a-z', 'A-Z', stdin=PIPE, stdout=PIPE)
 *     out, _ = await process.communicate(b'hello')
 */
#include <stdio.h>
#include "examples/status.h"
#include "loop/process.h"

static char *const tr[] = {"tr", "a-z", "A-Z", NULL};

gen_declare(upper, void);
struct upper {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct process tr;
    struct process_communicate io;
    char text[64];
};
gen_define(upper)
{
    gen_begin();
    process_exec(&self->tr, tr, .in = PROCESS_PIPE, .out = PROCESS_PIPE);
    gen_try_finally {
        self->io.input = "hello";
        self->io.input_size = 5;
        self->io.out.data = self->text;
        self->io.out.room = sizeof self->text;
        process_communicate(&self->io, &self->tr);
    }
    gen_finally {
        process_close(&self->tr);
    }
    gen_end_finally
    printf("%.*s\n", (int)self->io.out.size, self->text);
    printf("exit status %d\n", self->tr.returncode);
    gen_end();
}

int main(void)
{
    static struct upper upper;
    return exit_status("upper", loop_run(upper_any(&upper)));
}

/* A group owns the tasks that are started in it: its block is left when all are done. The first that
 * fails cancels the others, and its error is raised where the block ends. In Python:
 *
 *     try:
 *         async with asyncio.TaskGroup() as group:
 *             group.create_task(patient())
 *             group.create_task(failing())
 *     except* ValueError as e: ...
 */
#include <stdio.h>
#include "examples/status.h"
#include "loop/loop.h"

enum { VALUE_ERROR = GEN_EUSER };

gen_declare(patient, void);
struct patient {
    struct gen gen;
};
gen_define(patient)
{
    gen_begin();
    gen_try {
        task_sleep(3600);
    }
    gen_except (GEN_CANCELLED) {
        printf("patient: cancelled\n");
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(failing, void);
struct failing {
    struct gen gen;
};
gen_define(failing)
{
    gen_begin();
    task_sleep(0.01);
    gen_raise(VALUE_ERROR, "no luck");
    gen_end();
}

gen_declare(parent, void);
struct parent {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        task_group (&self->group) {
            if (!task_group_spawn(&self->group, patient))
                gen_raise(GEN_ENOMEM);
            if (!task_group_spawn(&self->group, failing))
                gen_raise(GEN_ENOMEM);
        }
        task_end_group
    }
    gen_except (VALUE_ERROR) {
        printf("the group: %s\n", gen_caught.text);
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct parent parent = {.gen = {0, 0}};
    return exit_status("group", loop_run(parent_any(&parent)));
}

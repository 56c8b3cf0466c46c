/* Objects as large as what a program has of each; sizes.sh reads their sizes. */
#include "task/queue.h"

#define SIZE_OF(name) char size_of_##name[sizeof(struct name)]

SIZE_OF(gen);
SIZE_OF(gen_unwind);
SIZE_OF(gen_stack);
SIZE_OF(task);
SIZE_OF(task_scheduler);
SIZE_OF(task_future);
SIZE_OF(task_call);
SIZE_OF(task_wakeup);
SIZE_OF(task_scope);
SIZE_OF(task_group);
SIZE_OF(task_queue);

/* What every program here has besides what it is to measure: a host whose functions take no room, as the
 * linker says where they are, and one task. */
#include "task.h"

task_time host_now(void *host);
void host_idle(void *host, task_time until);
void work(void);

static const struct task_hooks hooks = {.now = host_now, .idle = host_idle};
static struct task_scheduler s;
static struct task t;

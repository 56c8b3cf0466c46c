/* A file is written whole, read whole, and read by lines. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faults.h"
#include "loop/file.h"

enum { LINES = 300, LINE = 32 };
static char folder[64], path[80], text[LINES * LINE];
static size_t size;

/* What the library has allocated for us is ours to free, and counted with the library's. */
static void free_data(char **data)
{
    if (*data != NULL)
        atomic_fetch_sub(&allocated, 1);
    free(*data);
    *data = NULL;
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope time;
    struct file file;
    char *data;
    size_t n, at;
    char line[LINE], ahead[200];
    bool complete;
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            file_write_whole(&self->file, path, text, size, 0600, FILE_SYNC);
            file_read_whole(&self->file, path, &self->data, &self->n);
            if (self->n != size || memcmp(self->data, text, size) != 0)
                violated("a wrong byte");
            file_open(&self->file, path, O_RDWR, 0);
            gen_try_finally {
                (void)file_lend(&self->file, self->ahead, sizeof self->ahead);
                for (;;) {
                    file_readline(self->n, &self->file, self->line, sizeof self->line);
                    if (self->n == 0)
                        break;
                    if (self->at + self->n > size ||
                        memcmp(self->line, text + self->at, self->n) != 0)
                        violated("a wrong line");
                    self->at += self->n;
                    if (self->at > size / 10)
                        break;
                }
                file_seek(&self->file, (off_t)size, SEEK_SET, NULL);
                file_write(&self->file, "the end\n", 8);
                file_seek(&self->file, (off_t)size, SEEK_SET, NULL);
                file_read(self->n, &self->file, self->line, sizeof self->line);
                self->complete = self->n == 8 && memcmp(self->line, "the end\n", 8) == 0;
                if (self->n > 0 && memcmp(self->line, "the end\n", self->n) != 0)
                    violated("a wrong byte");
            }
            gen_finally {
                file_close(&self->file);
            }
            gen_end_finally
        }
        gen_except_any {
            note(gen_caught.code);
        }
        gen_end_try
        free_data(&self->data);
    }
    task_end_scope
    gen_end();
}

static void prepare(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/gen-faults-%d", (int)getpid());
    (void)snprintf(path, sizeof path, "%s/file", folder);
    for (int i = 0; i < LINES; i++)
        size += (size_t)snprintf(text + size, LINE, "line %d of %d\n", i, LINES);
}

static void before(void)
{
    (void)mkdir(folder, 0700);
}

static void end(void)
{
    (void)unlink(path);
    if (rmdir(folder) != 0)
        violated("a file was left");
}

SCENARIO(file_scenario, .name = "file", .prepare = prepare, .before = before, .end = end);

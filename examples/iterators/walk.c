/* for root, dirs, files in os.walk(top): once for each directory below one, names in order. A
 * directory's generator delegates to those of its subdirectories, whose frames are pushed on a
 * gen_stack; each frees its names in its finally.
 * Usage: walk directory */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "gen.h"

struct directory {
    const char *root;
    struct dirent **names;
    int count;
};

/* root/name in memory of its own; NULL: there is none. */
static char *join(const char *root, const char *name)
{
    const size_t size = strlen(root) + strlen(name) + 2;
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%s/%s", root, name);
    return path;
}

static bool is_directory(const char *root, const char *name)
{
    struct stat about;
    char *path = join(root, name);
    const bool is = path != NULL && lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
    free(path);
    return is;
}

static int is_name(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

gen_declare(walk, struct directory);
struct walk {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct directory dir; /* .root is given */
    char *below;
    int i;
};
gen_define(walk)
{
    gen_begin();
    self->dir.count = scandir(self->dir.root, &self->dir.names, is_name, alphasort);
    if (self->dir.count < 0) {
        const int code = errno;
        fprintf(stderr, "walk: %s: %s\n", self->dir.root, strerror(code));
        gen_raise(code);
    }
    gen_try_finally {
        gen_yield(self->dir);
        for (; self->i < self->dir.count; self->i++)
            if (is_directory(self->dir.root, self->dir.names[self->i]->d_name)) {
                self->below = join(self->dir.root, self->dir.names[self->i]->d_name);
                if (self->below == NULL)
                    gen_raise(ENOMEM);
                gen_yield_from_new(walk, .dir.root = self->below);
                free(self->below);
                self->below = NULL;
            }
    }
    gen_finally {
        free(self->below);
        while (self->dir.count > 0)
            free(self->dir.names[--self->dir.count]);
        free(self->dir.names);
    }
    gen_end_finally
    gen_end();
}

static void print_names(const char *what, struct directory dir, bool directories)
{
    printf("    %s:", what);
    for (int i = 0; i < dir.count; i++)
        if (is_directory(dir.root, dir.names[i]->d_name) == directories)
            printf(" %s", dir.names[i]->d_name);
    printf("\n");
}

int main(int argc, char **argv)
{
    static char memory[32768];
    struct gen_stack stack;
    struct gen_any it;
    struct directory dir = {NULL, NULL, 0};

    if (argc != 2) {
        fprintf(stderr, "usage: walk directory\n");
        return 2;
    }
    gen_stack_init(&stack, memory, sizeof memory);
    it = gen_start(&stack, walk, .dir.root = argv[1]);
    while (gen_any_next(it, &dir)) {
        printf("%s\n", dir.root);
        print_names("dirs", dir, true);
        print_names("files", dir, false);
    }
    if (gen_any_error(it) == GEN_ENOMEM || gen_any_error(it) == ENOMEM)
        fprintf(stderr, "walk: out of memory\n");
    return gen_any_error(it) != 0;
}

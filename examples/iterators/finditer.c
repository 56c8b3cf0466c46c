/* for match in re.finditer(pattern, string): once for each match of a regular expression (POSIX's).
 * The generator's finally frees what the expression was compiled to, however the loop ends.
 * Usage: finditer pattern string */
#define _POSIX_C_SOURCE 200809L
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include "gen.h"

enum { BAD_PATTERN = GEN_EUSER };

struct match {
    const char *text;
    size_t length, start;
};

gen_declare(finditer, struct match);
struct finditer {
    struct gen gen;
    struct gen_unwind unwind[1];
    const char *pattern, *string;
    regex_t compiled;
    char why[128]; /* the pattern cannot be compiled */
    size_t at;
};
gen_define(finditer)
{
    regmatch_t found;
    int code;

    gen_begin();
    code = regcomp(&self->compiled, self->pattern, REG_EXTENDED);
    if (code != 0) {
        regerror(code, &self->compiled, self->why, sizeof self->why);
        gen_raise(BAD_PATTERN);
    }
    gen_try_finally {
        while (self->at <= strlen(self->string) &&
               regexec(&self->compiled, self->string + self->at, 1, &found,
                       self->at > 0 ? REG_NOTBOL : 0) == 0) {
            const size_t start = self->at + (size_t)found.rm_so,
                         end = self->at + (size_t)found.rm_eo;
            self->at = end > start ? end : end + 1; /* an empty match: do not find it again */
            gen_yield((struct match){self->string + start, end - start, start});
        }
    }
    gen_finally {
        regfree(&self->compiled);
    }
    gen_end_finally
    gen_end();
}

int main(int argc, char **argv)
{
    struct finditer it = {.gen = {0, 0}};
    struct match match = {NULL, 0, 0};

    if (argc != 3) {
        fprintf(stderr, "usage: finditer pattern string\n");
        return 2;
    }
    it.pattern = argv[1];
    it.string = argv[2];
    gen_each (match, finditer, &it)
        printf("%zu: '%.*s'\n", match.start, (int)match.length, match.text);
    if (gen_error(&it) == 0)
        return 0;
    fprintf(stderr, "finditer: '%s': %s\n", argv[1], it.why);
    return 1;
}

/* A CSV file in memory, for csv_diff.c: RFC 4180's quoting, the first row names the columns, blank
 * lines are skipped, as csv.DictReader has it. A row of another length is refused. */
#ifndef EXAMPLES_CSV_H
#define EXAMPLES_CSV_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CSV_LINE = 1 << 20 }; /* bytes in a line, at most */

struct csv {
    char *text;   /* the file; the fields are in it */
    char **names; /* the first row */
    int columns;
    char **fields; /* of all other rows, one after the other: row * columns + column */
    int rows;
    char error[256];
};

/* Reads one field at *at and ends it in place. Moves *at behind it. What it ended with: ',' '\n',
 * or 0 at the end of the file; -1: a quote is missing. */
static inline int csv__field(char **at, char **field)
{
    char *from = *at, *to = *at;
    const bool quoted = *from == '"';
    int end;
    *field = to;
    if (quoted)
        for (from++;; *to++ = *from++) {
            if (*from == '\0')
                return -1;
            if (*from == '"' && *++from != '"')
                break;
        }
    while (*from != '\0' && *from != ',' && *from != '\n' && !(*from == '\r' && from[1] == '\n'))
        *to++ = *from++;
    if (*from == '\r')
        from++;
    end = (unsigned char)*from;
    *at = end != '\0' ? from + 1 : from;
    *to = '\0';
    return end;
}

/* The whole file, with a 0 behind it. NULL: errno says why; 0: a line is too long. */
static inline char *csv__read(const char *filename, size_t *size)
{
    FILE *f = fopen(filename, "rb");
    size_t room = 4096, line = 0, n;
    char *text = malloc(room), *more;
    int code;
    if (f == NULL || text == NULL)
        goto failed;
    for (*size = 0; (n = fread(text + *size, 1, room - *size - 1, f)) > 0;) {
        errno = 0;
        for (; n > 0; n--) {
            line = text[(*size)++] == '\n' ? 0 : line + 1;
            if (line > CSV_LINE)
                goto failed;
        }
        if (*size < room - 1)
            continue;
        more = realloc(text, room *= 2);
        if (more == NULL)
            goto failed;
        text = more;
    }
    if (ferror(f))
        goto failed;
    fclose(f);
    text[*size] = '\0';
    return text;
failed:
    code = errno;
    if (f != NULL)
        fclose(f);
    free(text);
    errno = code;
    return NULL;
}

static inline void csv_free(struct csv *csv)
{
    free(csv->names);
    free(csv->text);
}

/* False: csv->error says what is wrong. In any case csv_free it. */
static inline bool csv_load(struct csv *csv, const char *filename)
{
    char *at, **fields = NULL;
    size_t size = 0, count = 0, room = 0, columns = 0;
    int line = 1, end;

    *csv = (struct csv){.text = csv__read(filename, &size)};
    if (csv->text == NULL) {
        snprintf(csv->error, sizeof csv->error, "%s: %s", filename,
                 errno != 0 ? strerror(errno) : "a line is too long");
        return false;
    }
    if (strlen(csv->text) != size) {
        snprintf(csv->error, sizeof csv->error, "%s: no text: it has a byte of 0", filename);
        return false;
    }
    for (at = csv->text; *at != '\0'; line++) {
        const size_t begin = count;
        if (*at == '\n' || (*at == '\r' && at[1] == '\n')) {
            at += *at == '\r' ? 2 : 1;
            continue;
        }
        do {
            if (count == room) {
                char **more = realloc(fields, (room = room ? 2 * room : 64) * sizeof *fields);
                if (more == NULL) {
                    snprintf(csv->error, sizeof csv->error, "%s: out of memory", filename);
                    return false;
                }
                csv->names = fields = more;
            }
            end = csv__field(&at, &fields[count++]);
            if (end < 0) {
                snprintf(csv->error, sizeof csv->error, "%s: row %d: a quote is missing", filename,
                         line);
                return false;
            }
        } while (end == ',');
        if (begin == 0)
            columns = count;
        if (count - begin != columns) {
            snprintf(csv->error, sizeof csv->error, "%s: row %d has %zu fields, the first has %zu",
                     filename, line, count - begin, columns);
            return false;
        }
    }
    if (columns == 0) {
        snprintf(csv->error, sizeof csv->error, "%s: no columns: it is empty", filename);
        return false;
    }
    csv->columns = (int)columns;
    csv->fields = fields + columns;
    csv->rows = (int)((count - columns) / columns);
    return true;
}

#endif

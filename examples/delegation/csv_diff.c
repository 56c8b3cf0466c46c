/* What has changed between two CSV files, row by row: a generator of differences that delegates to
 * one that tells columns added or removed, twice, and to one that tells values changed.
 * Usage: csv_diff old.csv new.csv. In Python:
 *
 *     def diffs(old, new):
 *         yield from added_or_removed("ADDED", new.keys() - old.keys(), new)
 *         yield from added_or_removed("REMOVED", old.keys() - new.keys(), old)
 *         yield from changed(old, new)
 */
#include "gen.h"
#include "examples/delegation/csv.h"

/* A dict of Python's: the keys are sorted, and the same for all rows of a file. */
struct table {
    struct csv csv;
    int *columns; /* in the order of their names */
    int *rows;    /* in the order of their keys */
    int title, accession;
};

struct row {
    const struct table *table;
    int row;
};

static const char *value_at(struct row row, int column)
{
    return row.table->csv.fields[row.row * row.table->csv.columns + column];
}

static const char *title(struct row row)
{
    return value_at(row, row.table->title);
}

static const char *accession(struct row row)
{
    return value_at(row, row.table->accession);
}

/* The column of that name, or -1. */
static int find_column(const struct csv *csv, const char *name)
{
    for (int i = 0; i < csv->columns; i++)
        if (strcmp(csv->names[i], name) == 0)
            return i;
    return -1;
}

static int compare_keys(struct row a, struct row b)
{
    const int order = strcmp(title(a), title(b));
    return order != 0 ? order : strcmp(accession(a), accession(b));
}

/* -- The differences of two rows -------------------------------------------------------------- */

struct diff {
    const char *state, *column, *value, *new_value;
};

/* The columns of d that the other does not have. */
gen_declare(added_or_removed, struct diff);
struct added_or_removed {
    struct gen gen;
    const char *state;
    struct row d, other;
    int i;
};
gen_define(added_or_removed)
{
    const struct table *const d = self->d.table;
    gen_begin();
    for (; self->i < d->csv.columns; self->i++) {
        const int column = d->columns[self->i];
        const char *const name = d->csv.names[column];
        if (find_column(&self->other.table->csv, name) < 0)
            gen_yield((struct diff){self->state, name, value_at(self->d, column), NULL});
    }
    gen_end();
}

/* The values that differ, of columns that both have. */
gen_declare(changed, struct diff);
struct changed {
    struct gen gen;
    struct row old, new;
    int i;
};
gen_define(changed)
{
    const struct table *const old = self->old.table;
    gen_begin();
    for (; self->i < old->csv.columns; self->i++) {
        const int column = old->columns[self->i];
        const char *const name = old->csv.names[column];
        const int in_new = find_column(&self->new.table->csv, name);
        const char *const value = value_at(self->old, column);
        if (in_new >= 0 && strcmp(value, value_at(self->new, in_new)) != 0)
            gen_yield((struct diff){"CHANGED", name, value, value_at(self->new, in_new)});
    }
    gen_end();
}

gen_declare(diffs, struct diff);
struct diffs {
    struct gen gen;
    struct row old, new;
    struct added_or_removed columns;
    struct changed changed;
};
gen_define(diffs)
{
    gen_begin();
    self->columns = (struct added_or_removed){.state = "ADDED", .d = self->new, .other = self->old};
    gen_yield_from(added_or_removed, &self->columns);
    self->columns =
        (struct added_or_removed){.state = "REMOVED", .d = self->old, .other = self->new};
    gen_yield_from(added_or_removed, &self->columns);
    self->changed = (struct changed){.old = self->old, .new = self->new};
    gen_yield_from(changed, &self->changed);
    gen_end();
}

/* {:30}, which counts characters, not the bytes of UTF-8. */
static void print_padded(const char *separator, const char *text)
{
    int width = 30;
    for (const char *c = text; *c != '\0'; c++)
        width -= ((unsigned char)*c & 0xC0) != 0x80;
    printf("%s%s%*s", separator, text, width > 0 ? width : 0, "");
}

static void compare_row(struct row old, struct row new)
{
    bool any = false;
    gen_for (diff, diffs, .old = old, .new = new) {
        if (!any)
            printf("%s/%s\n", title(old), accession(old));
        any = true;
        printf("    %-10s", diff.state);
        print_padded(": ", diff.column);
        print_padded(" | ", diff.value);
        if (diff.new_value != NULL)
            print_padded(" | ", diff.new_value);
        printf("\n");
    }
    if (any)
        printf("\n");
}

/* -- Files ------------------------------------------------------------------------------------ */

static const struct table *sorting; /* qsort has no argument for it */

static int by_name(const void *a, const void *b)
{
    char *const *names = sorting->csv.names;
    return strcmp(names[*(const int *)a], names[*(const int *)b]);
}

static int by_key(const void *a, const void *b)
{
    return compare_keys((struct row){sorting, *(const int *)a},
                        (struct row){sorting, *(const int *)b});
}

static int *sorted(int count, int (*order)(const void *, const void *))
{
    int *list = calloc((size_t)count + 1, sizeof *list);
    for (int i = 0; list != NULL && i < count; i++)
        list[i] = i;
    if (list != NULL)
        qsort(list, (size_t)count, sizeof *list, order);
    return list;
}

static bool load_csv(struct table *t, const char *filename)
{
    static const char *const needed[] = {"!Sample_title", "!Sample_geo_accession"};
    *t = (struct table){.columns = NULL};
    if (!csv_load(&t->csv, filename)) {
        fprintf(stderr, "csv_diff: %s\n", t->csv.error);
        return false;
    }
    t->title = find_column(&t->csv, needed[0]);
    t->accession = find_column(&t->csv, needed[1]);
    if (t->title < 0 || t->accession < 0) {
        fprintf(stderr, "csv_diff: %s: no column %s\n", filename, needed[t->title >= 0]);
        return false;
    }
    sorting = t;
    t->columns = sorted(t->csv.columns, by_name);
    t->rows = sorted(t->csv.rows, by_key);
    if (t->columns == NULL || t->rows == NULL) {
        fprintf(stderr, "csv_diff: out of memory\n");
        return false;
    }
    for (int i = 1; i < t->csv.columns; i++)
        if (strcmp(t->csv.names[t->columns[i - 1]], t->csv.names[t->columns[i]]) == 0) {
            fprintf(stderr, "csv_diff: %s: two columns are named %s\n", filename,
                    t->csv.names[t->columns[i]]);
            return false;
        }
    for (int i = 1; i < t->csv.rows; i++) {
        const struct row row = {t, t->rows[i]};
        if (compare_keys((struct row){t, t->rows[i - 1]}, row) == 0) {
            fprintf(stderr, "csv_diff: %s: two rows are %s/%s\n", filename, title(row),
                    accession(row));
            return false;
        }
    }
    return true;
}

static void free_table(struct table *t)
{
    csv_free(&t->csv);
    free(t->columns);
    free(t->rows);
}

int main(int argc, char **argv)
{
    struct table old = {.columns = NULL}, new = {.columns = NULL};
    bool ok;

    if (argc != 3) {
        fprintf(stderr, "usage: csv_diff old.csv new.csv\n");
        return 2;
    }
    ok = load_csv(&old, argv[1]) && load_csv(&new, argv[2]);
    for (int i = 0, j = 0; ok && i < old.csv.rows && j < new.csv.rows;) {
        const struct row a = {&old, old.rows[i]}, b = {&new, new.rows[j]};
        const int order = compare_keys(a, b);
        if (order == 0)
            compare_row(a, b);
        i += order <= 0;
        j += order >= 0;
    }
    free_table(&old);
    free_table(&new);
    return !ok;
}

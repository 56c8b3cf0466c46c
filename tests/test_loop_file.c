/* Files: whole, in pieces, by lines; their errors; cancels. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/file.h"
#include "loop_scene.h"

/* -- A directory for each test ----------------------------------------------------------------- */

static char folder[32];
static char path[64];

static int make_folder(void **state)
{
    memcpy(folder, "/tmp/fileXXXXXX", 16);
    if (before_test(state) != 0 || mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/file", folder);
    return 0;
}

/* It has to be empty but for that file: nothing is left behind. */
static int remove_folder(void **state)
{
    (void)unlink(path);
    return rmdir(folder) | after_test(state);
}

#define IN_FOLDER(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

static void put(const char *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static size_t get(char *data, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t n;
    assert_non_null(f);
    n = fread(data, 1, size, f);
    (void)fclose(f);
    return n;
}

/* -- Whole files ------------------------------------------------------------------------------- */

gen_declare(copier, void);
struct copier {
    struct gen gen;
    struct file file;
    const char *from, *to;
    char *data;
    size_t size;
    mode_t mode;
    int flags;
};
gen_define(copier)
{
    gen_begin();
    file_read_whole(&self->file, self->from, &self->data, &self->size);
    if (self->to != NULL)
        file_write_whole(&self->file, self->to, self->data, self->size, self->mode, self->flags);
    gen_end();
}

static void whole_files_are_copied(void **state)
{
    const size_t sizes[] = {0, 1, 4095, 4096, 4097, 3000000};
    char other[64], *data = malloc(3000000);
    (void)state;
    assert_non_null(data);
    (void)snprintf(other, sizeof other, "%s/other", folder);
    for (size_t i = 0; i < 3000000; i++)
        data[i] = (char)(i * 7 >> 3);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct copier c = {.from = path, .to = other, .mode = 0640, .flags = i % 2 ? FILE_SYNC : 0};
        struct copier back = {.from = other};
        put(data, sizes[i]);
        assert_int_equal(loop_run(copier_any(&c)), 0);
        assert_int_equal(c.size, sizes[i]);
        assert_int_equal(c.data[c.size], 0);
        assert_int_equal(loop_run(copier_any(&back)), 0);
        assert_int_equal(back.size, sizes[i]);
        assert_memory_equal(back.data, data, sizes[i]);
        free(c.data);
        free(back.data);
    }
    (void)unlink(other);
    free(data);
}

static void a_file_that_hides_its_size_is_read(void **state)
{
    struct copier c = {.from = "/proc/self/status"}, large = {.from = "/proc/self/smaps"};
    (void)state;
    assert_int_equal(loop_run(copier_any(&c)), 0);
    assert_memory_equal(c.data, "Name:", 5);
    assert_int_equal(c.size, strlen(c.data));
    assert_int_equal(loop_run(copier_any(&large)), 0); /* more than is tried at first */
    assert_int_equal(large.size, strlen(large.data));
    assert_true(large.size > 4096);
    free(large.data);
    free(c.data);
}

static void whole_files_have_errors(void **state)
{
    struct copier missing = {.from = path, .size = 1}, directory = {.from = folder, .size = 1};
    struct copier onto_folder = {.from = "/dev/null", .to = folder, .mode = 0600};
    struct copier onto_device = {.from = "/dev/null", .to = "/dev/null", .mode = 0600};
    struct copier nowhere = {.from = "/dev/null", .to = "/dev/null/file", .mode = 0600};
    (void)state;
    assert_int_equal(loop_run(copier_any(&missing)), ENOENT);
    assert_true(missing.data == NULL && missing.size == 0);
    assert_int_equal(loop_run(copier_any(&directory)), EISDIR);
    assert_true(directory.data == NULL && directory.size == 0);
    assert_int_equal(loop_run(copier_any(&onto_folder)), EISDIR);
    assert_int_equal(loop_run(copier_any(&onto_device)), EINVAL);
    assert_int_equal(loop_run(copier_any(&nowhere)), ENOTDIR);
    free(onto_folder.data);
    free(onto_device.data);
    free(nowhere.data);
}

/* The old file stays, and nothing else, when the new one cannot be written. */
static void a_failed_write_leaves_the_old_file(void **state)
{
    struct copier c = {.from = "/proc/self/status", .to = path, .mode = 0600};
    struct rlimit before, limit;
    char old[32];
    (void)state;
    put("the old", 7);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 100;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(loop_run(copier_any(&c)), EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(get(old, sizeof old), 7);
    assert_memory_equal(old, "the old", 7);
    free(c.data);
}

static void a_new_file_has_the_old_ones_mode(void **state)
{
    struct copier c = {.from = "/dev/null", .to = path, .mode = 0666}, again = c;
    struct stat status;
    const mode_t mask = umask(027);
    (void)state;
    assert_int_equal(loop_run(copier_any(&c)), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(chmod(path, 0604), 0);
    assert_int_equal(loop_run(copier_any(&again)), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0604);
    (void)umask(mask);
    free(c.data);
    free(again.data);
}

/* -- In pieces --------------------------------------------------------------------------------- */

gen_declare(piecer, void);
struct piecer {
    struct gen gen;
    struct file file;
    char buffer[64], ahead[16], more[20];
    size_t n, m, end;
    off_t at;
    int code;
};
gen_define(piecer)
{
    gen_begin();
    file_open(&self->file, path, O_RDWR | O_CREAT | O_EXCL, 0600);
    RAISES(GEN_EBADSTATE, file_open(&self->file, path, O_RDONLY, 0));
    assert_int_equal(fcntl(self->file.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    file_write(&self->file, "one\ntwo\nthree\nfour\n", 19);
    file_write(&self->file, "", 0);
    file_seek(&self->file, 4, SEEK_SET, &self->at);
    assert_int_equal(self->at, 4);
    RAISES(STREAM_ENOBUFFER,
           file_readline(self->n, &self->file, self->buffer, sizeof self->buffer));

    /* what is read ahead is seen by nobody */
    assert_int_equal(file_lend(&self->file, self->ahead, sizeof self->ahead), 0);
    file_readline(self->n, &self->file, self->buffer, sizeof self->buffer);
    assert_int_equal(self->n, 4);
    assert_memory_equal(self->buffer, "two\n", 4);
    assert_int_equal(file_lend(&self->file, self->buffer, 2), GEN_EBADSTATE);
    assert_int_equal(file_lend(&self->file, self->more, sizeof self->more), 0);
    file_read(self->n, &self->file, self->buffer, 6);
    assert_int_equal(self->n, 6);
    assert_memory_equal(self->buffer, "three\n", 6);
    file_seek(&self->file, 0, SEEK_CUR, &self->at);
    assert_int_equal(self->at, 14);
    file_readline(self->n, &self->file, self->buffer, 2); /* in pieces */
    file_readline(self->m, &self->file, self->buffer + 2, 2);
    file_readline(self->end, &self->file, self->buffer + 4, 10);
    assert_true(self->n == 2 && self->m == 2 && self->end == 1);
    assert_memory_equal(self->buffer, "four\n", 5);
    file_readline(self->n, &self->file, self->buffer, 10);
    assert_int_equal(self->n, 0);

    /* a write goes where the reader is */
    file_seek(&self->file, 0, SEEK_SET, NULL);
    file_readline(self->n, &self->file, self->buffer, 10);
    file_write(&self->file, "TWO", 3);
    file_readline(self->n, &self->file, self->buffer, 10);
    assert_int_equal(self->n, 1);
    file_readline(self->n, &self->file, self->buffer, 10);
    assert_memory_equal(self->buffer, "three\n", 6);

    RAISES(EINVAL, file_seek(&self->file, -100, SEEK_CUR, NULL));
    RAISES(EINVAL, file_readline(self->n, &self->file, self->buffer, 0));
    file_seek(&self->file, 0, SEEK_SET, NULL);
    file_read(self->n, &self->file, self->buffer, sizeof self->buffer);
    assert_int_equal(self->n, 19);
    file_read(self->n, &self->file, self->buffer, sizeof self->buffer);
    assert_int_equal(self->n, 0);
    file_sync(&self->file);
    file_close(&self->file);
    file_close(&self->file);
    RAISES(EBADF, file_read(self->n, &self->file, self->buffer, 1));
    gen_end();
}

static void a_file_is_read_and_written_in_pieces(void **state)
{
    struct piecer p = {.n = 0};
    char all[32];
    (void)state;
    assert_int_equal(loop_run(piecer_any(&p)), 0);
    assert_int_equal(get(all, sizeof all), 19);
    assert_memory_equal(all, "one\nTWO\nthree\nfour\n", 19);
}

/* -- Lines: any buffer and any room give the same bytes ---------------------------------------- */

gen_declare(liner, void);
struct liner {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct file file;
    char ahead[64], line[64], *all;
    size_t room, size, n, used;
};
gen_define(liner)
{
    gen_begin();
    file_open(&self->file, path, O_RDONLY, 0);
    gen_try_finally {
        assert_int_equal(file_lend(&self->file, self->ahead, self->room), 0);
        for (;;) {
            file_readline(self->n, &self->file, self->line, self->size);
            if (self->n == 0)
                break;
            assert_true(self->n <= self->size);
            for (size_t i = 0; i + 1 < self->n; i++)
                assert_int_not_equal(self->line[i], '\n');
            assert_true(self->line[self->n - 1] == '\n' || self->n == self->size ||
                        self->used + self->n == 400);
            memcpy(self->all + self->used, self->line, self->n);
            self->used += self->n;
        }
    }
    gen_finally {
        file_close(&self->file);
    }
    gen_end_finally
    gen_end();
}

static void lines_are_the_same_however_they_are_read(void **state)
{
    const size_t rooms[] = {1, 2, 7, 64}, sizes[] = {1, 3, 8, 64};
    struct liner empty;
    char text[400], all[400];
    (void)state;
    for (size_t i = 0, length = 0, left = 0; i < sizeof text; i++) {
        text[i] = left == 0 ? '\n' : 'a';
        if (left-- == 0)
            left = ++length; /* lines of 0, 1, 2... bytes; the last is not ended */
    }
    put(text, sizeof text);
    for (size_t i = 0; i < 16; i++) {
        struct liner l = {.all = all, .room = rooms[i / 4], .size = sizes[i % 4]};
        memset(all, 0, sizeof all);
        assert_int_equal(loop_run(liner_any(&l)), 0);
        assert_int_equal(l.used, sizeof text);
        assert_memory_equal(all, text, sizeof text);
    }
    put(text, 0);
    empty = (struct liner){.all = all, .room = 8, .size = 8};
    assert_int_equal(loop_run(liner_any(&empty)), 0);
    assert_int_equal(empty.used, 0);
}

/* -- Errors ------------------------------------------------------------------------------------ */

gen_declare(writer, void);
struct writer {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct file file;
    const char *name;
    int flags;
    char byte;
    size_t n;
};
gen_define(writer)
{
    gen_begin();
    file_open(&self->file, self->name, self->flags, 0600);
    gen_try_finally {
        if ((self->flags & O_ACCMODE) == O_RDONLY)
            file_read(self->n, &self->file, &self->byte, 1);
        else
            file_write(&self->file, "x", 1);
    }
    gen_finally {
        file_close(&self->file);
    }
    gen_end_finally
    gen_end();
}

static void errors_have_errnos_codes(void **state)
{
    struct writer full = {.name = "/dev/full", .flags = O_WRONLY};
    struct writer missing = {.name = path, .flags = O_RDONLY};
    struct writer directory = {.name = folder, .flags = O_WRONLY};
    struct writer as_file = {.name = folder, .flags = O_RDONLY};
    struct writer exists = {.name = path, .flags = O_WRONLY | O_CREAT | O_EXCL};
    (void)state;
    assert_int_equal(loop_run(writer_any(&full)), ENOSPC);
    assert_int_equal(loop_run(writer_any(&missing)), ENOENT);
    assert_int_equal(loop_run(writer_any(&directory)), EISDIR);
    assert_int_equal(loop_run(writer_any(&as_file)), EISDIR);
    put("", 0);
    assert_int_equal(loop_run(writer_any(&exists)), EEXIST);
}

/* -- Cancels ----------------------------------------------------------------------------------- */

/* A FIFO without a writer: opening and reading it blocks a thread until there is one. */
gen_declare(stuck, void);
struct stuck {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct file file;
    struct task task;
    struct writer frame;
    int other, fd;
    bool ended_early, not_closed;
    size_t n;
};
gen_define(stuck)
{
    gen_begin();
    self->frame = (struct writer){.name = path, .flags = O_RDONLY};
    start(loop_running(), &self->task, writer_any(&self->frame));
    do { /* until the thread is in open: only then can it be opened so */
        self->fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        task_sleep(0);
    } while (self->fd < 0);
    gen_wait_until(self->frame.file.file__resource.kind != NULL && /* it knows that it is open */
                   loop_work_state(&self->frame.file.file__work) == LOOP_WORK_RUNNING);
    gen_try { /* it is in use */
        file_read(self->n, &self->frame.file, &self->frame.byte, 1);
    }
    gen_except_any {
        self->other = gen_caught.code;
    }
    gen_end_try
    gen_try {
        file_close(&self->frame.file);
    }
    gen_except (GEN_EBADSTATE) {
        self->not_closed = true;
    }
    gen_end_try
    assert_int_equal(file_lend(&self->frame.file, NULL, 0), GEN_EBADSTATE);
    (void)task_cancel(&self->task);
    task_sleep(0);
    self->ended_early = task_done(&self->task.future);
    assert_int_equal(write(self->fd, "z", 1), 1);
    gen_wait_until(task_done(&self->task.future));
    (void)close(self->fd);
    gen_end();
}

static void a_cancelled_read_keeps_its_byte(void **state)
{
    struct stuck s = {.fd = -1};
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(loop_run(stuck_any(&s)), 0);
    assert_int_equal(s.other, GEN_EBADSTATE);
    assert_true(s.not_closed);
    assert_false(s.ended_early);
    assert_int_equal(s.frame.byte, 'z');
    assert_false(s.frame.file.file__open); /* closed by a task that was cancelled */
}

/* A call that comes cancelled does nothing; closing works all the same. */
gen_declare(cancelled, void);
struct cancelled {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct file file, other;
    bool closed;
};
gen_define(cancelled)
{
    gen_begin();
    file_open(&self->file, path, O_RDONLY, 0);
    task_scope (&self->scope) {
        task_scope_cancel(&self->scope);
        file_close(&self->file);
        self->closed = true;
        file_open(&self->other, path, O_RDONLY, 0);
    }
    task_end_scope
    gen_end();
}

static void the_cancelled_can_close(void **state)
{
    struct cancelled c = {.closed = false};
    (void)state;
    put("", 0);
    assert_int_equal(loop_run(cancelled_any(&c)), 0);
    assert_true(c.closed);
    assert_false(c.file.file__open || c.other.file__open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(whole_files_are_copied),
        IN_FOLDER(a_file_that_hides_its_size_is_read),
        IN_FOLDER(whole_files_have_errors),
        IN_FOLDER(a_failed_write_leaves_the_old_file),
        IN_FOLDER(a_new_file_has_the_old_ones_mode),
        IN_FOLDER(a_file_is_read_and_written_in_pieces),
        IN_FOLDER(lines_are_the_same_however_they_are_read),
        IN_FOLDER(errors_have_errnos_codes),
        IN_FOLDER(a_cancelled_read_keeps_its_byte),
        IN_FOLDER(the_cancelled_can_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

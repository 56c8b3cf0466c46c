/* Downloads twenty flags, one after the other: what the others are faster than.
 * Usage: flags_sequential base_url directory. In Python:
 *
 *     def download_many(cc_list):
 *         for cc in sorted(cc_list):
 *             image = get_flag(cc)
 *             show(cc)
 *             save_flag(image, cc.lower() + '.gif')
 *
 * Link: -lcurl
 * Needs: curl/curl.h */
#define _POSIX_C_SOURCE 200809L
#include "examples/http/flags.h"

static volatile sig_atomic_t interrupted;

static void interrupt(int signum)
{
    interrupted = signum;
}

static int stopped(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)arg, (void)a, (void)b, (void)c, (void)d;
    return interrupted;
}

/* False: why not, is told. */
static bool download_one(const char *cc, const char *base_url, const char *directory)
{
    struct http_body image = {.limit = FLAG_LIMIT};
    char why[CURL_ERROR_SIZE];
    int code;
    if (!get_flag(&image, base_url, cc, stopped, why)) {
        fprintf(stderr, "\nflags_sequential: %s: %s\n", cc, interrupted ? "interrupted" : why);
        return false;
    }
    show(cc);
    code = save_flag(&image, directory, cc);
    http_body_free(&image);
    if (code != 0)
        fprintf(stderr, "\nflags_sequential: %s: %s\n", directory, strerror(code));
    return code == 0;
}

static int download_many(const char *base_url, const char *directory)
{
    int count = 0;
    while (count < POP20 && download_one(pop20_cc[count], base_url, directory))
        count++;
    return count;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    double t0 = seconds_now();
    int count;
    if (argc != 3 || strlen(argv[1]) >= FLAG_URL || strlen(argv[2]) >= FLAG_URL) {
        fprintf(stderr, "usage: %s base_url directory\n", argv[0]);
        return 2;
    }
    sigaction(SIGINT, &action, NULL);
    if (http_init() != CURLE_OK) {
        fprintf(stderr, "flags_sequential: libcurl does not start\n");
        return 1;
    }
    count = download_many(argv[1], argv[2]);
    http_exit();
    printf("\n%d flags downloaded in %.2fs\n", count, seconds_now() - t0);
    return interrupted ? 128 + interrupted : count < POP20;
}

/* Crawls a site, one page after the other: what the others are faster than.
 * Usage: serial [-n pages] url
 *
 * Link: -lcurl
 * Needs: curl/curl.h */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <unistd.h>

#include "examples/crawler/crawl.h"
#include "examples/http/http.h"

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

/* Blocks until the page is there. 0, ENOMEM. */
static int crawl_page(struct crawl *crawl, struct page *page)
{
    struct http_body html = {.limit = CRAWL_PAGE_LIMIT};
    char why[CURL_ERROR_SIZE] = "no memory", *index = NULL, *location = NULL;
    size_t size = 0;
    CURL *easy = http_easy(page->url, &html, why);
    CURLcode result = CURLE_OUT_OF_MEMORY;
    int code = easy ? 0 : ENOMEM;
    if (easy != NULL) {
        curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, stopped);
        curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
        result = http_result(easy, curl_easy_perform(easy), &html, why, &page->status);
        curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
    }
    if (result != CURLE_OK && !interrupted)
        page->why = strdup(why);
    if (result == CURLE_OK && page->status == 200) {
        index = (char *)malloc(PAGE_INDEX_ROOM(html.size));
        code = index ? page_index(html.data, html.size, index, &size) : ENOMEM;
    } else if (result == CURLE_OK && location != NULL) {
        index = page_redirect(location, &size);
        code = index ? 0 : ENOMEM;
    }
    if (index != NULL && code == 0)
        code = crawl_add(crawl, page, index, size);
    curl_easy_cleanup(easy);
    free(index);
    http_body_free(&html);
    return code;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    struct crawl crawl;
    size_t pages = CRAWL_PAGES, failed;
    int c, code;
    while ((c = getopt(argc, argv, "n:")) != -1)
        pages = c == 'n' ? crawl_number(optarg, CRAWL_MOST) : 0;
    if (argc - optind != 1 || pages == 0) {
        fprintf(stderr, "usage: %s [-n pages] url\n", argv[0]);
        return 2;
    }
    sigaction(SIGINT, &action, NULL);
    if (http_init() != CURLE_OK) {
        fprintf(stderr, "serial: libcurl does not start\n");
        return 1;
    }
    code = crawl_open(&crawl, argv[optind], pages);
    for (size_t i = 0; i < crawl.count && code == 0 && !interrupted; i++)
        code = crawl_page(&crawl, crawl.pages[i]);
    if (code == EINVAL)
        fprintf(stderr, "serial: %s: not the address of a page\n", argv[optind]);
    else if (code != 0)
        fprintf(stderr, "serial: %s\n", strerror(code));
    failed = code == EINVAL ? 0 : crawl_report(&crawl, "serial");
    crawl_close(&crawl);
    http_exit();
    if (interrupted)
        fprintf(stderr, "serial: interrupted\n");
    return interrupted ? 128 + interrupted : code != 0 || failed > 0;
}

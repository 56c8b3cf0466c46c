/* certificates.h - certificates for 127.0.0.1, made for one run and removed after it. */
#ifndef CERTIFICATES_H
#define CERTIFICATES_H

#include <stdio.h>
#include <stdlib.h>

static char folder[] = "/tmp/gen-tls-XXXXXX";

/* Its path, until eight more have been asked for. */
static const char *in_folder(const char *name)
{
    static char paths[8][64];
    static unsigned next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* NAME.pem and NAME.key, for `names`. Not 0: it failed. */
static int make_certificate(const char *name, const char *names)
{
    char command[512];
    (void)snprintf(command, sizeof command,
                   "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                   "-subj /CN=%s -addext subjectAltName=%s -days 2 -keyout %s.key -out %s.pem "
                   "2>/dev/null",
                   folder, name, names, name, name);
    return system(command);
}

/* That of localhost. */
static int make_certificates(void)
{
    return mkdtemp(folder) == NULL || make_certificate("localhost", "DNS:localhost,IP:127.0.0.1");
}

static int remove_certificates(void **state)
{
    char command[64];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

#endif

/* error.h - the codes of loop/, beside errno's, gen.h's and task.h's. loop_error_name has the
 * texts.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_ERROR_H
#define GEN_LOOP_ERROR_H

#define LOOP__ERRORS(X)                                                                            \
    X(LOOP_ETHREAD, "called from a thread that is not the loop's")                                 \
    X(LOOP_ESTOPPED, "the loop was stopped before the coroutine was done")                         \
    X(LOOP_ECLOSED, "the loop is closed")                                                          \
    X(STREAM_ELIMIT, "the separator did not come within the limit")                                \
    X(STREAM_EINCOMPLETE, "the end came before all that was waited for")                           \
    X(STREAM_ETORN, "an earlier write was cancelled half-way")                                     \
    X(STREAM_ENOBUFFER, "the stream has not been lent a buffer")                                   \
    X(NAME_ENONAME, "the name is not known")                                                       \
    X(NAME_EAGAIN, "the name could not be looked up for now")                                      \
    X(NAME_EFAIL, "the name could not be looked up")                                               \
    X(TLS_EPROTOCOL, "the peer does not speak TLS, breaks its rules, or refuses")                  \
    X(TLS_EVERIFY, "the peer's certificate is not to be trusted")                                  \
    X(TLS_ETRUNCATED, "the connection ended without the peer's goodbye")                           \
    X(TLS_ECONTEXT, "a certificate, key or setting is of no use")                                  \
    X(EXECUTOR_ESHUTDOWN, "the executor has been shut down")                                       \
    X(EXECUTOR_EDIED, "a process of the executor has died")                                        \
    X(PROCESS_ELIMIT, "the process wrote more than there was room for")

#define LOOP__ENUMERATE(name, text) name,
enum loop_error { LOOP__ERROR_BASE = 1299, LOOP__ERRORS(LOOP__ENUMERATE) };
#undef LOOP__ENUMERATE

#endif

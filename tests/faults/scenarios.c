/* All scenarios. */
#include "faults.h"

extern const struct scenario echo_scenario, lines_scenario, names_scenario, tls_scenario,
    executor_scenario, pipes_scenario, process_scenario, file_scenario, datagram_scenario,
    protocol_scenario, protocol_tls_scenario, pool_scenario, descriptor_scenario;
extern const struct scenario *const scenarios[];

const struct scenario *const scenarios[] = {&echo_scenario,     &lines_scenario,
                                            &names_scenario,    &executor_scenario,
                                            &pipes_scenario,    &tls_scenario,
                                            &process_scenario,  &file_scenario,
                                            &datagram_scenario, &descriptor_scenario,
                                            &protocol_scenario, &protocol_tls_scenario,
                                            &pool_scenario,     NULL};

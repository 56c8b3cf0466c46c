. examples/network/expected/udp_servers.sh

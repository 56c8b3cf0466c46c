# The same users as of the server with tasks, who are told the same.
exec sh examples/network/expected/chat_server.sh "$1"

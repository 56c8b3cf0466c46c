s,: /[^:]*/none:,: DIRECTORY/none:,
s/[0-9]+\.[0-9]{2}s$/SECONDS/
s/^(Scheduled.*state=)(pending|running|finished)/\1STATE/
# what libcurl says of a connection that was cut off
s/^(flags_threads: CD: ).*/\1cut off/

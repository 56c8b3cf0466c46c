s,: /[^:]*/none:,: DIRECTORY/none:,
s/[0-9]+\.[0-9]{2}s$/SECONDS/
# what libcurl says of a connection that was cut off
s/^(flags_sequential: CD: ).*/\1cut off/

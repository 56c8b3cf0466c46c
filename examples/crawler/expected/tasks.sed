s,http://127.0.0.1:[0-9]+,URL,
# what libcurl says of a connection that was cut off
s/(torn.html: ).*/\1cut off/

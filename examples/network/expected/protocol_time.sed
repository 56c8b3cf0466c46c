# What differs from run to run: the port and the time.
s/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/
s/[A-Z][a-z]+day [0-9]{2}\/[0-9]{2}\/[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}/TIME/

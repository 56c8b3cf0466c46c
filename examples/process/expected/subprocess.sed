# What differs from system to system, and from run to run.
s/^uname: [A-Za-z0-9_.-]+,/uname: SYSTEM,/
s/date: .*[0-9]:[0-9]{2}.*$/date: DATE/

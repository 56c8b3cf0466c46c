# How often it turns depends on the machine; each time it wipes what it wrote.
s/([|/\\-] thinking!\x08{11})+/SPINS/
s/ {11}\x08{11}/WIPED /

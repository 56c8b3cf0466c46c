# What differs from run to run: which of the first two threads ends first.
1{/^Failed/{N;N;s/^(Failed.*)\n(Got: 5)\n$/\2\n\n\1/}}

# The line moves when the program is edited.
s/at line [1-9][0-9]*$/at line LINE/

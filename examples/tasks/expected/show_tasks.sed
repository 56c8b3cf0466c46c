# The lines move when the program is edited.
s/(show_tasks\.c:)[1-9][0-9]*/\1LINE/

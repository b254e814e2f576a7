std = "luajit"
max_line_length = 120
read_globals = { "vim" }
files["**/*.lua"].ignore = { "122/vim" }
globals = { "vim" }

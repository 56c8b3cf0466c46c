# chart.gp - see chart.sh, which sets `data` and `svg`.
load data

gray = "#808890"
gcc = "#3b82c4"
clang = "#d9822b"
bound = "#c0392b"

row = 26 # pixels for a measure
top = 56
gap = n1 > 0 ? 60 : 0
foot = 30
height = top + row * (n0 + n1) + gap + foot
set terminal svg size 760,height font "sans-serif,12" noenhanced
set output svg

set border 1 lc rgb gray
set tics textcolor rgb gray nomirror
set title textcolor rgb gray
set key textcolor rgb gray horizontal
set style fill solid noborder
set grid xtics lc rgb gray lw 0.4 dt 3
set lmargin at screen 0.2
set rmargin at screen 0.94
set ytics scale 0
half = 0.36 # of a row, for a bar

set multiplot

# Against the same by hand: from 0, or, with a scale that is logarithmic, from 1.
if (n0 > 0) {
    set tmargin at screen 1 - 1.0 * top / height
    set bmargin at screen 1 - (top + 1.0 * row * n0) / height
    set yrange [n0 - 0.5:-0.5]
    set title "cost of ours / cost of the same by hand; the line is the bound" offset 0,0.9
    set key at screen 0.94, screen 1 - 34.0 / height right top samplen 1.2
    long = most > 4
    if (long) { set logscale x 2 }
    base = long ? 1 : 0
    set xrange [long ? 0.5 : 0 : most * (long ? 1.5 : 1.12)]
    set ytics ()
    do for [i = 1:n0] { set ytics add (word($names0[i], 2) real(word($names0[i], 1))) }
    plot $gcc0 using 2:1:(base):2:($1 - half):1 with boxxyerror lc rgb gcc title "gcc", \
         $clang0 using 2:1:(base):2:1:($1 + half) with boxxyerror lc rgb clang title "clang", \
         $bound0 using 2:($1 - ($3 < 0 ? half + 0.06 : 0)):(0):(half + 0.06) \
             with vectors nohead lc rgb bound lw 2 title "bound", \
         $gcc0 using ($4 > $2 ? $4 : $2):($1 - half / 2):3 with labels left offset 0.5,0 \
             font ",9" textcolor rgb gray notitle, \
         $clang0 using ($4 > $2 ? $4 : $2):($1 + half / 2):3 with labels left offset 0.5,0 \
             font ",9" textcolor rgb gray notitle
}

if (n1 > 0) {
    unset logscale x
    set tmargin at screen 1 - (top + 1.0 * row * n0 + gap) / height
    set bmargin at screen 1.0 * foot / height
    set yrange [n1 - 0.5:-0.5]
    set title "cost of ours / cost of the peer's; peer.*: a sum over a range" offset 0,-0.4
    set key off
    set logscale x 10
    set xrange [0.001:2]
    set format x "%g"
    set ytics ()
    do for [i = 1:n1] { set ytics add (word($names1[i], 2) real(word($names1[i], 1))) }
    plot $gcc1 using 2:1:(0.001):2:($1 - half):1 with boxxyerror lc rgb gcc, \
         $clang1 using 2:1:(0.001):2:1:($1 + half) with boxxyerror lc rgb clang, \
         $bound1 using 2:($1 - ($3 < 0 ? half + 0.06 : 0)):(0):(half + 0.06) \
             with vectors nohead lc rgb bound lw 2, \
         $gcc1 using ($4 > $2 ? $4 : $2):($1 - half / 2):3 with labels left offset 0.5,0 font ",9" \
             textcolor rgb gray, \
         $clang1 using ($4 > $2 ? $4 : $2):($1 + half / 2):3 with labels left offset 0.5,0 font ",9" \
             textcolor rgb gray
}
unset multiplot

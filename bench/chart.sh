#!/bin/sh
# chart.sh TABLE SVG - draws run.sh's table with gnuplot: a bar for each ratio, gcc's and clang's
# side by side, and a mark at each bound.
#
# Above, against the same by hand; below, against the peers, for which the scale is logarithmic. The
# colours are such that both a light and a dark page do as a background.

tsv=${1:?usage: chart.sh TABLE SVG} svg=${2:?usage: chart.sh TABLE SVG}
LC_ALL=C
export LC_ALL
if ! command -v gnuplot >/dev/null 2>&1; then
    echo 'chart.sh: no gnuplot here: no chart' >&2
    exit 0
fi
data=$(mktemp) || exit 1
trap 'rm -f "$data" "$svg.new"' EXIT
trap 'exit 1' HUP INT TERM

# For each panel a block for each compiler, of "y ratio label bound", and one of "y bound"; then the
# names, "y name". y counts measures from 0, in the order of the table, gcc's before clang's.
awk -F '\t' '
NR == 1 || $6 == "-" { next }
{
    p = $1 ~ /^peer\.|\.(go|tokio|asyncio|uvloop|libuv)$/
    if (!(($1) in place)) { place[$1] = n[p]++; names[p] = names[p] place[$1] " " $1 "\n" }
    y = place[$1]
    bars[p, $2] = bars[p, $2] sprintf("%s %s %s %s\n", y, $6,
        $6 < 0.01 ? $6 : sprintf("%.2f", $6), $7 == "-" ? 0 : $7)
    if ($7 != "-") bounds[p] = bounds[p] sprintf("%s %s %s\n", y, $7, $2 == "gcc" ? -1 : 1)
    if (!p && $6 > most) most = $6
    if (!p && $7 != "-" && $7 > most) most = $7
}
function block(name, text) { printf "$%s << E\n%sE\n", name, text }
END {
    for (p = 0; p < 2; p++) {
        block("gcc" p, bars[p, "gcc"])
        block("clang" p, bars[p, "clang"])
        block("bound" p, bounds[p])
        block("names" p, names[p])
        printf "n%d = %d\n", p, n[p] + 0
    }
    printf "most = %g\n", most
}' "$tsv" >"$data" || exit 1

if grep -q '^n0 = 0$' "$data" && grep -q '^n1 = 0$' "$data"; then
    exit 0 # no ratios
fi
gnuplot -e "data = '$data'; svg = '$svg.new'" bench/chart.gp || exit 1
mv "$svg.new" "$svg"

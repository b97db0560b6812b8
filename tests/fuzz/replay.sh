#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every fuzz target over its corpus and changed forms of it, one TAP line each.
: "${top_builddir:=_build}" "${top_srcdir:=.}" "${fuzz_rounds:=200}"
: "${fuzz_targets:=tests/fuzz/value}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0
for target in $fuzz_targets; do
    number=$((number + 1))
    name=${target##*/}
    if (cd "$scratch" && TZ=UTC "$top_builddir/$target" --rounds="$fuzz_rounds" \
        "$top_srcdir/tests/fuzz/corpus/$name" >out 2>err); then
        sed -n "s/^ok 1 - .*: /ok $number - $name: /p" "$scratch/out"
    else
        echo "not ok $number - $name"
        tail -n 30 "$scratch/err" | sed 's/^/# /'
        [ ! -f "$scratch/crash-input" ] || od -An -tx1 "$scratch/crash-input" |
            head -n 64 | sed 's/^/# crash-input:/'
    fi
done
echo "1..$number"

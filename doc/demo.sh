# SPDX-License-Identifier: Apache-2.0
#
# The tour behind `./bootstrap demo`: a day of made-up AWS flow logs goes in, answers come out. Each
# command line is printed before it runs and can be pasted into the shell that the end describes.
# Arguments: source tree, build tree. CF_DEMO_FLOWS sets the number of flows.
set -eu

top=$1
build=$2
flows=${CF_DEMO_FLOWS:-1000000}
samples=${CF_SAMPLES:-$top/../shared/samples}
folder=$build/demo

PATH=$build/bin:$PATH
export PATH
mkdir -p "$folder"
cd "$folder"
rm -f day.log.gz day.cf samples.cf

title() { printf '\n== %s\n\n' "$*"; }

# Print a command line, then run it.
run() {
    printf '$ %s\n' "$1"
    eval "$1"
    printf '\n'
}

bytes() { wc -c <"$1"; }

# Numbers of a run, to be compared: name, bytes, bytes per flow.
size_row() {
    awk -v name="$1" -v bytes="$2" -v flows="$flows" -v text="$3" 'BEGIN {
        printf "%-34s %14d bytes %8.2f a flow %6.1f %% of the text\n",
               name, bytes, bytes / flows, 100 * bytes / text }'
}

title "A day of AWS flow logs, version 5 with all its fields, as delivered to S3"
run "cfgen aws-vpc --flows=$flows --seed=1 --format-fields=v5 --gzip --output=day.log.gz"
text=$(gzip -dc day.log.gz | wc -c)

title "Import: the reader is found by content, every row is accounted for"
run "cfimport --progress --stats -o day.cf day.log.gz"

title "What is in the file"
run "cfinfo day.cf"

title "Top talkers by bytes"
run "cfstats --fields=sip --values=bytes,packets,records --count=10 day.cf"

title "Denied traffic: who knocks on which port"
run "cffilter 'action == reject' day.cf | cfstats --fields=dport,proto --values=records --count=10"
run "cffilter 'action == reject and dport in (22, 3389)' day.cf | cfcut --fields=stime,sip,dip,dport,action --num-recs=5"

title "Protocols"
run "cfstats --fields=proto --values=bytes,packets,records --count=10 day.cf"

title "A raw log needs no import first"
run "cfstats --fields=dport --values=bytes --count=5 day.log.gz"

title "Sizes"
size_row "text" "$text" "$text"
size_row "gzip, as AWS delivers it" "$(bytes day.log.gz)" "$text"
size_row ".cf, all columns" "$(bytes day.cf)" "$text"

if [ -d "$samples/aws-vpc" ]; then
    title "Real logs from $(basename "$samples")/aws-vpc, of many shapes"
    ln -sfn "$samples/aws-vpc" samples
    run "cfimport --stats -o samples.cf samples/beats-[acint]*.log samples/header-v2.log.gz samples/cloudwatch-v2.ndjson"
    run "cfcut --fields=stime,sip,dip,proto,bytes,action,logstatus samples.cf"
fi

title "Go on from here"
cat <<TEXT
PATH=$build/bin:\$PATH
cd $folder
cffilter --help; cfstats --help-fields; mandoc -a $top/doc/man/cffilter.1
TEXT

# Starts servers and child groups for xtask and outlives it: when the pipe on
# standard input closes, because xtask ended, was interrupted or was killed,
# everything is stopped and the folders are deleted. One way out for all cases.
#
# Lines: start SIGNAL SCRIPT | group PGID | process PID | forget | remove DIRECTORY
trap '' INT TERM HUP
servers= folders= group= single=
while IFS=' ' read -r verb first second; do
    case $verb in
    start)
        sh "$second" </dev/null >/dev/null 2>&1 &
        servers="$servers $first:$!"
        ;;
    group) group=$first ;;
    process) single=$first ;;
    forget) group= single= ;;
    remove) folders="$folders $first" ;;
    esac
done
exec 2>/dev/null

# An ended child that nobody waited for is still there as a zombie.
is_alive() {
    case $(cat "/proc/$1/stat") in '' | *') Z '*) return 1 ;; esac
}

[ -z "$single" ] || kill -TERM "$single"
if [ -n "$group" ]; then
    kill -TERM -- "-$group" && sleep 0.3
    kill -KILL -- "-$group"
fi
for server in $servers; do
    kill "-${server%%:*}" "${server#*:}"
done
# Up to five seconds of patience for the signals that allow it.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
    alive=
    for server in $servers; do
        is_alive "${server#*:}" && alive=yes
    done
    [ -z "$alive" ] && break
    sleep 0.2
done
for server in $servers; do
    kill -KILL "${server#*:}"
done
# What the tests started themselves lives in our folders too; servers do so
# with their working directory.
end_strays() {
    for folder in $folders; do
        [ -d "$folder" ] || continue
        for process in /proc/[0-9]*; do
            case $(readlink "$process/cwd") in
            "$folder"/*) kill "$1" "${process#/proc/}" && strays=yes ;;
            esac
        done
    done
}
strays=
end_strays -TERM
[ -z "$strays" ] || sleep 0.5
# More than once: what was being started when xtask was killed may still write.
for _ in 1 2 3 4 5 6; do
    end_strays -KILL
    left=
    for folder in $folders; do
        rm -rf "$folder"
        [ ! -e "$folder" ] || left=yes
    done
    [ -n "$left" ] || break
    sleep 0.5
done
wait

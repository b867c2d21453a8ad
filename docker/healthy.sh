#!/bin/bash
# Exits 0 if http://127.0.0.1:PORT/PATH answers 200: healthy.sh PORT PATH. Needs nothing but bash.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n' "$2" >&3
read -r _ status _ <&3
[ "$status" = 200 ]

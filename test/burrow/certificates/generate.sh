#!/bin/sh
# Writes the certificates that the TLS tests use: an authority, and a server and a client that it vouches for.
# They protect nothing and are valid for a hundred years, so that no test ever fails by the calendar.
set -eu
cd "$(dirname "$0")"
days=36500
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days $days -subj '/CN=test authority' \
  -keyout authority-key.pem -out authority.pem
issue() { # name, subject alternative names
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1-key.pem" -out "$1.csr"
  printf 'subjectAltName=%s\n' "$2" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA authority.pem -CAkey authority-key.pem -days $days -extfile "$1.ext" -out "$1.pem"
  rm "$1.csr" "$1.ext"
}
issue server 'DNS:localhost,IP:127.0.0.1'
issue stranger 'DNS:another-host.test'
issue client 'DNS:client.test'
rm -f authority-key.pem authority.srl

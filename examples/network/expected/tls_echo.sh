# With a certificate that is made for the occasion.
directory=$(mktemp -d) || exit 1
trap 'rm -r "$directory"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -days 2 -keyout "$directory/key.pem" \
    -out "$directory/certificate.pem" 2>"$directory/log" || { cat "$directory/log"; exit 1; }
"$1" "$directory/certificate.pem" "$directory/key.pem"

# In examples/shop while it runs: each service answers through the gateway; the key and the limit hold.
gateway=http://127.0.0.1:8080
expect() { # expect STATUS curl-arguments…
  local wanted="$1" got
  shift
  got="$(curl -s -o /tmp/answer -w '%{http_code}' "$@")"
  echo "$got  curl $*"
  [ "$got" = "$wanted" ] || {
    echo "expected $wanted:"
    cat /tmp/answer
    exit 1
  }
}
key="$(sed -n 's/^SHOP_KEY=//p' .env.example)"
for service in catalogue inventory orders; do
  expect 201 -H 'Content-Type: application/json' -d '{"name": "teapot", "quantity": 3}' "$gateway/$service/items"
  expect 200 "$gateway/$service/items"
done
for service in payments shipping notifications; do
  expect 200 "$gateway/$service/items"
done
./walk "$gateway" # one order through all six
expect 401 "$gateway/partners/orders/items"
expect 200 -H "X-API-Key: $key" "$gateway/partners/orders/items"
limited=0
for _ in $(seq 100); do
  [ "$(curl -s -o /dev/null -w '%{http_code}' -H "X-API-Key: $key" "$gateway/partners/orders/items")" = 429 ] && limited=1 && break
done
[ "$limited" = 1 ] || {
  echo "expected 429 within 100 requests"
  exit 1
}
echo "429  past the limit"

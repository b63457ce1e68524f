# The shop behind the gateway, in the foreground.
need_languages
build_preset release
binary="$PWD/build/release/msctl"
cd examples/shop || exit
exec "$binary" run "$@"

# The release binary, and what the services of the shipped languages need.
need_languages
build_preset release
echo "build/release/msctl"

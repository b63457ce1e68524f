// libgit2 speaks Negotiate with proxies and servers through MIT Kerberos, of which Debian has no static
// library. These stand in its place and say that there is no mechanism, so that this one way of logging in is
// not offered.
#include <cstdint>

namespace {
constexpr std::uint32_t kUnavailable = 16u << 16;  // GSS_S_UNAVAILABLE, RFC 2744 section 3.9.1
}

extern "C" {
void* GSS_C_NT_HOSTBASED_SERVICE = nullptr;

std::uint32_t gss_indicate_mechs(std::uint32_t* minor, void** mechanisms) {
  *minor = 0;
  *mechanisms = nullptr;
  return kUnavailable;
}
std::uint32_t gss_import_name(std::uint32_t* minor, void*, void*, void** name) {
  *minor = 0;
  *name = nullptr;
  return kUnavailable;
}
std::uint32_t gss_init_sec_context(std::uint32_t* minor, void*, void**, void*, void*, std::uint32_t,
                                   std::uint32_t, void*, void*, void**, void*, std::uint32_t*,
                                   std::uint32_t*) {
  *minor = 0;
  return kUnavailable;
}
std::uint32_t gss_display_status(std::uint32_t* minor, std::uint32_t, int, void*, std::uint32_t* context,
                                 void*) {
  *minor = 0;
  *context = 0;
  return kUnavailable;
}
std::uint32_t gss_delete_sec_context(std::uint32_t* minor, void**, void*) {
  *minor = 0;
  return 0;
}
std::uint32_t gss_release_buffer(std::uint32_t* minor, void*) {
  *minor = 0;
  return 0;
}
std::uint32_t gss_release_name(std::uint32_t* minor, void**) {
  *minor = 0;
  return 0;
}
std::uint32_t gss_release_oid_set(std::uint32_t* minor, void**) {
  *minor = 0;
  return 0;
}
}

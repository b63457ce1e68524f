#include "gateway/http1/fields.h"

#include "gateway/http1/scan.h"

namespace msctl::gateway::http1 {
namespace {

struct Known {
  std::string_view name;  // lower case
  Name id;
};

// By length, so that most names are told apart without comparing.
constexpr Known known[] = {
    {"te", Name::te},
    {"date", Name::date},
    {"host", Name::host},
    {"expect", Name::expect},
    {"trailer", Name::trailer},
    {"upgrade", Name::upgrade},
    {"forwarded", Name::forwarded},
    {"x-real-ip", Name::x_real_ip},
    {"connection", Name::connection},
    {"keep-alive", Name::keep_alive},
    {"tracestate", Name::tracestate},
    {"traceparent", Name::traceparent},
    {"x-request-id", Name::x_request_id},
    {"content-length", Name::content_length},
    {"http2-settings", Name::http2_settings},
    {"x-forwarded-for", Name::x_forwarded_for},
    {"proxy-connection", Name::proxy_connection},
    {"x-forwarded-host", Name::x_forwarded_host},
    {"x-forwarded-port", Name::x_forwarded_port},
    {"x-forwarded-proto", Name::x_forwarded_proto},
    {"transfer-encoding", Name::transfer_encoding},
    {"proxy-authenticate", Name::proxy_authenticate},
    {"x-forwarded-prefix", Name::x_forwarded_prefix},
    {"proxy-authorization", Name::proxy_authorization},
};

constexpr std::size_t longest = 19;

// Where the names of each length begin in `known`.
constexpr auto first_of_length = [] {
  std::array<std::uint8_t, longest + 2> first{};
  std::size_t at = 0;
  for (std::size_t length = 0; length < first.size(); ++length) {
    while (at < std::size(known) && known[at].name.size() < length) ++at;
    first[length] = static_cast<std::uint8_t>(at);
  }
  return first;
}();

// Equal to `lower_name`, with any other sign read as '-' (a CGI's variables cannot tell them apart either);
// `disguised` is set when that was needed.
bool equals(std::string_view name, std::string_view lower_name, bool& disguised) {
  bool other_sign = false;
  for (std::size_t i = 0; i < lower_name.size(); ++i) {
    char c = lower(name[i]);
    if (c == lower_name[i]) continue;
    bool sign = !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9');
    if (!sign || lower_name[i] != '-') return false;
    other_sign = true;
  }
  disguised = other_sign;
  return true;
}

}  // namespace

Name classify(std::string_view name) {
  bool disguised = false;
  if (name.size() <= longest)
    for (std::size_t i = first_of_length[name.size()]; i < first_of_length[name.size() + 1]; ++i)
      if (equals(name, known[i].name, disguised)) return disguised ? Name::disguised : known[i].id;
  if (name.size() > 8 && lower(name[0]) == 'x')
    for (std::string_view prefix : {std::string_view("x-consumer-"), std::string_view("x-claim-")})
      if (name.size() >= prefix.size() && equals(name, prefix, disguised))
        return disguised ? Name::disguised : Name::identity;
  constexpr std::string_view forwarded = "x-forwarded-";
  if (name.size() > forwarded.size() && lower(name[0]) == 'x' && equals(name, forwarded, disguised))
    return disguised ? Name::disguised : Name::x_forwarded_other;
  return Name::other;
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

const Field* Fields::find(std::string_view name) const {
  for (const Field& field : *this)
    if (same_name(field.name, name)) return &field;
  return nullptr;
}

const Field* Fields::find(Name id) const {
  for (const Field& field : *this)
    if (field.id == id) return &field;
  return nullptr;
}

}  // namespace msctl::gateway::http1
